// grpc-js client calls as promises and async iterables. Every call carries an AbortSignal; abort ends a stream
// quietly. Streams start when they are first asked for an item, and are cancelled when their reader leaves, so
// that one which is never read or is dropped in the middle costs nothing.

import type {
  CallOptions,
  ClientReadableStream,
  ClientUnaryCall,
  Metadata,
  ServiceError,
} from "@grpc/grpc-js";
import { TasklogError } from "../base/errors.ts";
import { callTimeoutMs, untakenBytesMax } from "../base/limits.ts";
import { startTimer } from "../base/wait.ts";
import { fromServiceError, noAnswerInTime } from "./service-error.ts";

export interface CallTarget {
  /** Whom we call, in words: "the master at 127.0.0.1:7070". */
  readonly peer: string;
  readonly metadata: Metadata;
}

/** A method of a generated client, bound to it. */
export type UnaryMethod<Request, Reply> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, reply: Reply) => void,
) => ClientUnaryCall;

export interface UnaryOptions {
  readonly signal?: AbortSignal | undefined;
  /** The deadline of the call, in ms. */
  readonly timeoutMs?: number | undefined;
}

/** @throws TasklogError; "aborted" when the signal did it. */
export function unaryCall<Request, Reply>(
  method: UnaryMethod<Request, Reply>,
  request: Request,
  target: CallTarget,
  { signal, timeoutMs = callTimeoutMs }: UnaryOptions = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new TasklogError("aborted", `the call to ${target.peer} was cancelled`));
      return;
    }
    const cancel = () => call.cancel();
    const call = started(target, () =>
      method(request, target.metadata, {}, (error, reply) => {
        timer.stop();
        signal?.removeEventListener("abort", cancel);
        if (error === null) resolve(reply);
        else reject(fromServiceError(error, target.peer));
      }),
    );
    // No deadline of gRPC's: it counts by the wall clock.
    const timer = startTimer(() => {
      reject(noAnswerInTime(target.peer));
      call.cancel();
    }, timeoutMs);
    signal?.addEventListener("abort", cancel, { once: true });
  });
}

/**
 * A stream that is read at its consumer's pace: HTTP/2 flow control holds the sender back. Only for a stream that
 * has its connection to itself, because under Bun one stream that is not read stops all others of a connection.
 */
export async function* pacedStream<Message>(
  start: () => ClientReadableStream<Message>,
  target: CallTarget,
  signal: AbortSignal | undefined,
): AsyncGenerator<Message, void, undefined> {
  if (isAborted(signal)) return;
  using call = openCall(start, target, signal);
  try {
    yield* call.stream;
  } catch (error) {
    if (isAborted(signal)) return;
    throw call.failure ?? fromServiceError(error, target.peer);
  }
}

/**
 * A stream that is always read, at once, whatever its consumer does; what waits for the consumer is bounded, and
 * beyond the bound the stream is cut and fails with "exhausted". For streams that share a connection.
 */
export async function* eagerStream<Message>(
  start: () => ClientReadableStream<Message>,
  target: CallTarget,
  signal: AbortSignal | undefined,
  bytesOf: (message: Message) => number,
): AsyncGenerator<Message, void, undefined> {
  if (isAborted(signal)) return;
  using call = openCall(start, target, signal);
  let waiting: Message[] = [];
  let waitingBytes = 0;
  let ended = false;
  let wake = () => {};
  call.stream.on("data", (message: Message) => {
    waiting.push(message);
    waitingBytes += bytesOf(message);
    if (waitingBytes > untakenBytesMax) {
      call.fail(new TasklogError("exhausted", `a live stream of ${target.peer} was not read fast enough`));
    }
    wake();
  });
  const end = () => {
    ended = true;
    wake();
  };
  call.stream.on("end", end);
  call.stream.on("error", (error) => {
    call.fail(fromServiceError(error, target.peer));
    end();
  });
  while (true) {
    const taken = waiting;
    waiting = [];
    for (const message of taken) {
      yield message;
      waitingBytes -= bytesOf(message);
    }
    if (waiting.length > 0) continue;
    if (isAborted(signal)) return;
    if (call.failure !== undefined) throw call.failure;
    if (ended) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

/** A running call, until disposed. `failure` is why it was cut from this side, or the first error it had. */
interface OpenCall<Message> extends Disposable {
  readonly stream: ClientReadableStream<Message>;
  failure: TasklogError | undefined;
  fail(error: TasklogError): void;
}

function openCall<Message>(
  start: () => ClientReadableStream<Message>,
  target: CallTarget,
  signal: AbortSignal | undefined,
): OpenCall<Message> {
  const stream = started(target, start);
  const cancel = () => stream.cancel();
  const open: OpenCall<Message> = {
    stream,
    failure: undefined,
    fail(error) {
      open.failure ??= error;
      stream.cancel();
    },
    [Symbol.dispose]() {
      timer.stop();
      signal?.removeEventListener("abort", cancel);
      stream.cancel();
    },
  };
  // A stream has no deadline, but its headers come at once: a peer that sends none is not there.
  const timer = startTimer(() => {
    open.fail(noAnswerInTime(target.peer));
  }, callTimeoutMs);
  stream.once("metadata", () => timer.stop());
  // Cancelling after the reader has left gives one more error that nobody waits for.
  stream.on("error", () => timer.stop());
  signal?.addEventListener("abort", cancel, { once: true });
  return open;
}

/** A function, so that the compiler does not take one look at a signal for its state for ever. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** grpc-js throws at once, with an error of no class, when its client was closed. */
function started<Call>(target: CallTarget, start: () => Call): Call {
  try {
    return start();
  } catch (error) {
    throw new TasklogError("unavailable", `the connection to ${target.peer} is closed`, { cause: error });
  }
}
