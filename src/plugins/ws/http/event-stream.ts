// Server-Sent Events (WHATWG HTML, 9.2): events as text, a comment while it is quiet so that no proxy takes the stream
// for dead, and the header that keeps nginx from collecting it.

import type { IncomingMessage, ServerResponse } from "node:http";
import { startInterval, type Timer } from "../../../core/base/wait.ts";
import { BodyStream } from "./body-stream.ts";
import { neverStored } from "./headers.ts";

/** Server-Sent Events: a quiet stream gets a comment this often, in ms. */
const sseCommentMs = 15_000;

export class EventStream implements Disposable {
  readonly #body: BodyStream;
  readonly #timer: Timer;
  #quiet = true;

  constructor(request: IncomingMessage, response: ServerResponse, commentMs = sseCommentMs) {
    this.#body = BodyStream.begin(request, response, {
      ...neverStored,
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
    });
    this.#timer = startInterval(() => {
      if (this.#quiet) void this.#body.write(": still here\n\n");
      this.#quiet = true;
    }, commentMs / 2);
    this.signal.addEventListener("abort", () => this.#timer?.stop(), { once: true });
    // The head leaves with the first bytes of the body.
    void this.#body.write(": tasklog\n\n");
  }

  /** Aborts when the client has gone. */
  get signal(): AbortSignal {
    return this.#body.signal;
  }

  /** Whole events, each with its empty line. As `BodyStream.write`. */
  write(events: string | Uint8Array): Promise<void> | undefined {
    this.#quiet = false;
    return this.#body.write(events);
  }

  end(): Promise<void> {
    this[Symbol.dispose]();
    return this.#body.end();
  }

  [Symbol.dispose](): void {
    this.#timer?.stop();
  }
}

/** Formats one event. `data` is JSON, so that no newline of it ends the event. */
export function toEvent(name: string | undefined, data: unknown, id?: string): string {
  const head = `${name === undefined ? "" : `event: ${name}\n`}${id === undefined ? "" : `id: ${id}\n`}`;
  return `${head}data: ${JSON.stringify(data)}\n\n`;
}
