// An answer that is written piece by piece at the client's pace: a write that says when to wait, and a signal for the
// client's leaving. Nothing is held for a client beyond what node:http itself holds before it says stop.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Writable } from "node:stream";
import { acceptedEncoding, createEncoder } from "./encoding.ts";

export class BodyStream {
  /** Aborts when the client has gone, or the answer has ended. */
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;
  readonly #sink: Writable;
  #room: PromiseWithResolvers<void> | undefined;

  private constructor(response: ServerResponse, sink: Writable, end = new AbortController()) {
    this.#response = response;
    this.#sink = sink;
    this.signal = end.signal;
    const left = (): void => {
      end.abort();
      this.#takeOn();
      if (sink !== response) sink.destroy();
    };
    response.on("close", left);
    response.on("error", left);
    sink.on("drain", () => this.#takeOn());
  }

  /**
   * Sends the head. With `encode` the body is compressed as the client takes it. Who asked for the head only (HEAD) has
   * all with it: to whoever writes, that client has gone.
   */
  static begin(
    request: IncomingMessage,
    response: ServerResponse,
    headers: Record<string, string>,
    { encode = false } = {},
  ): BodyStream {
    const encoding = encode ? acceptedEncoding(request) : undefined;
    if (request.method === "HEAD") {
      // node:http refuses to name trailers where there is no body for them to follow.
      const { trailer: _trailer, ...head } = headers;
      response.writeHead(200, head);
      response.end();
      const gone = new AbortController();
      gone.abort();
      return new BodyStream(response, response, gone);
    }
    if (encoding === undefined) {
      response.writeHead(200, headers);
      response.flushHeaders();
      return new BodyStream(response, response);
    }
    response.writeHead(200, { ...headers, "content-encoding": encoding, vary: "accept-encoding" });
    const encoder = createEncoder(encoding);
    encoder.on("error", () => response.destroy());
    encoder.pipe(response);
    return new BodyStream(response, encoder);
  }

  /** Undefined: go on at once; else wait for it before the next. Never throws. */
  write(piece: string | Uint8Array): Promise<void> | undefined {
    if (this.signal.aborted) return undefined;
    if (this.#sink.write(piece)) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Resolves when all of it has been handed on. The head has to have named the trailers by `trailer`. */
  async end(trailers: Record<string, string> = {}): Promise<void> {
    if (this.signal.aborted) return;
    await this.#room?.promise;
    this.#response.addTrailers(trailers);
    this.#sink.end();
  }

  #takeOn(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
