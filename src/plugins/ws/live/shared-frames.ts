// What is encoded for one viewer of a batch is there for all of them: a thousand viewers of a task cost one encoding.
// Viewers get their batches as objects of their own over the same memory (slices of a page of the ring, of a piece of
// the history), so what is kept belongs to that memory and goes with it.
import type { LineBatch } from "../../../core/log/line-batch.ts";

/** Pieces of one memory that are kept: viewers at the live end all ask for the same one. */
const KEPT_MAX = 8;

export class SharedFrames<T> {
  readonly #kept = new WeakMap<ArrayBufferLike, Map<string, T>>();
  readonly #encode: (batch: LineBatch, variant: string) => T;

  /** `encode` must give the same for the same lines and variant. */
  constructor(encode: (batch: LineBatch, variant: string) => T) {
    this.#encode = encode;
  }

  of(batch: LineBatch, variant: string): T {
    const memory = batch.ends.buffer;
    const kept = this.#kept.get(memory) ?? new Map<string, T>();
    const key = `${batch.firstSeq}:${batch.count}:${variant}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = this.#encode(batch, variant);
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, made);
    this.#kept.set(memory, kept);
    return made;
  }
}
