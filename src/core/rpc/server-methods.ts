// Turns plain async functions and generators into grpc-js handlers. Inside, nobody knows calls, events or
// statuses: a handler gets the request and an AbortSignal, returns or yields messages, and throws TasklogError.
// A stream is produced at its receiver's pace: the generator is asked for no more than a few messages ahead.
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { writesInFlightMax } from "../base/limits.ts";
import { requireSameProtocol, userIdOf } from "./call-metadata.ts";
import { toStatus } from "./service-error.ts";

export interface CallContext {
  /** Aborts when the caller cancels, vanishes or passes its deadline, when the server closes, and after the end. */
  readonly signal: AbortSignal;
  /** Empty: the caller did not say. */
  readonly userId: string;
  /** `ADDRESS:PORT` of the caller. */
  readonly peer: string;
}

export interface MethodOptions {
  /** Serve callers of other protocols too: for the calls by which two ends find out what they are. */
  readonly anyProtocol?: boolean;
}

interface ServerCall {
  readonly metadata: Metadata;
  getPeer(): string;
  on(event: "cancelled", listener: () => void): unknown;
}

function contextOf(call: ServerCall, options: MethodOptions): CallContext {
  if (options.anyProtocol !== true) requireSameProtocol(call.metadata);
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort());
  return { signal: controller.signal, userId: userIdOf(call.metadata), peer: call.getPeer() };
}

export function unary<Request, Reply>(
  handler: (request: Request, call: CallContext) => Promise<Reply> | Reply,
  options: MethodOptions = {},
): handleUnaryCall<Request, Reply> {
  return (call, callback) => {
    const answer = async () => handler(call.request, contextOf(call, options));
    answer().then(
      (reply) => callback(null, reply),
      (error) => callback(toStatus(error)),
    );
  };
}

/** The iterable is always released: by its own end, by `return()` when the caller has gone, or after an error. */
export function serverStream<Request, Message>(
  handler: (request: Request, call: CallContext) => AsyncIterable<Message>,
  options: MethodOptions = {},
): handleServerStreamingCall<Request, Message> {
  return (call) => {
    const produce = async () => {
      const context = contextOf(call, options);
      // Headers at once: the caller learns that it was heard before there is a first line.
      call.sendMetadata(new Metadata());
      await pump(call, handler(call.request, context)[Symbol.asyncIterator](), context.signal);
    };
    produce().then(
      () => call.end(),
      (error) => call.emit("error", toStatus(error)),
    );
  };
}

async function pump<Message>(
  call: ServerWritableStream<unknown, Message>,
  iterator: AsyncIterator<Message>,
  signal: AbortSignal,
): Promise<void> {
  let inFlight = 0;
  let wake = () => {};
  // A cancelled call never reports its pending writes, so the signal has to wake as well; and a generator that
  // waits for something of its own is asked to return at once.
  const release = () => {
    wake();
    iterator.return?.().catch(() => {});
  };
  signal.addEventListener("abort", release, { once: true });
  try {
    while (!signal.aborted) {
      const step = await iterator.next();
      if (step.done === true || signal.aborted) break;
      inFlight++;
      call.write(step.value, () => {
        inFlight--;
        wake();
      });
      while (inFlight >= writesInFlightMax && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener("abort", release);
    await iterator.return?.();
  }
}
