// Two pipes as one iterable, in the order in which their pieces arrive. Not a race of two iterators: a race leaves a
// reaction on the quiet pipe's promise for each piece of the busy one. Holds a bounded amount; a reader that pauses
// beyond it pauses the pipes, and with them the process that writes.
import type { Readable } from "node:stream";
import type { OutputChunk } from "../../../engine/output.ts";
import type { StreamName } from "../../../log/line-batch.ts";

/** Output that waits for its reader, in bytes; beyond it the pipes pause, and with them the process. */
const heldBytesMax = 1024 * 1024;

export class MergedOutput implements AsyncIterable<OutputChunk> {
  readonly #pipes: Readable[];
  #chunks: OutputChunk[] = [];
  #heldBytes = 0;
  #open: number;
  #wake: (() => void) | undefined;

  constructor(stdout: Readable, stderr: Readable) {
    this.#pipes = [stdout, stderr];
    this.#open = this.#pipes.length;
    this.#listen(stdout, "stdout");
    this.#listen(stderr, "stderr");
  }

  /** True if a reader waits and nothing is there: then an open pipe is held by somebody else. */
  get isIdle(): boolean {
    return this.#wake !== undefined;
  }

  get isOver(): boolean {
    return this.#open <= 0;
  }

  /** Ends it at once: what was not read yet is dropped. */
  close(): void {
    this.#chunks = [];
    this.#open = 0;
    for (const pipe of this.#pipes) pipe.destroy();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutputChunk> {
    try {
      for (;;) {
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#heldBytes = 0;
        if (chunks.length > 0) {
          for (const pipe of this.#pipes) pipe.resume();
          yield* chunks;
        } else if (this.isOver) {
          return;
        } else {
          await this.#somethingNew();
        }
      }
    } finally {
      this.close();
    }
  }

  #listen(pipe: Readable, stream: StreamName): void {
    pipe.on("data", (bytes: Uint8Array) => {
      this.#chunks.push({ stream, bytes });
      this.#heldBytes += bytes.length;
      if (this.#heldBytes >= heldBytesMax) for (const each of this.#pipes) each.pause();
      this.#wake?.();
    });
    // An error of a pipe ends it as its close does.
    pipe.on("error", () => {});
    pipe.on("close", () => {
      this.#open--;
      this.#wake?.();
    });
  }

  async #somethingNew(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }
}
