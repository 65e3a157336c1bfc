// What an attach delivers, held until its place is known: up to a bound, then it is not read any further, and the engine
// holds up the task. Nothing that it delivers is ever dropped.

import { startTimer } from "../../base/wait.ts";
import type { OutputChunk } from "../output.ts";

export class LiveOutput {
  readonly #chunks: OutputChunk[] = [];
  readonly #bytesMax: number;
  #bytes = 0;
  #isEnded = false;
  #failure: unknown;
  #changed = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();

  constructor(chunks: AsyncIterable<OutputChunk>, bytesMax: number) {
    this.#bytesMax = bytesMax;
    void this.#pull(chunks);
  }

  /** Everything that it delivered was taken, and nothing comes any more. Throws what the attach threw. */
  get isEnded(): boolean {
    if (this.#chunks.length > 0 || !this.#isEnded) return false;
    if (this.#failure !== undefined) throw this.#failure;
    return true;
  }

  /** What there is; perhaps nothing. */
  take(): OutputChunk[] {
    const taken = this.#chunks.splice(0);
    this.#bytes = 0;
    this.#room.resolve();
    return taken;
  }

  /** Resolves when there is something to take, at the end, or after `ms`. */
  async wait(ms?: number): Promise<void> {
    if (this.#chunks.length > 0 || this.#isEnded) return;
    this.#changed = Promise.withResolvers();
    const timer = ms === undefined ? undefined : startTimer(this.#changed.resolve, ms);
    await this.#changed.promise;
    timer?.stop();
  }

  async #pull(chunks: AsyncIterable<OutputChunk>): Promise<void> {
    try {
      for await (const chunk of chunks) {
        this.#chunks.push(chunk);
        this.#bytes += chunk.bytes.length;
        this.#changed.resolve();
        if (this.#bytes < this.#bytesMax) continue;
        this.#room = Promise.withResolvers();
        await this.#room.promise;
      }
    } catch (thrown) {
      this.#failure = thrown;
    }
    this.#isEnded = true;
    this.#changed.resolve();
  }
}
