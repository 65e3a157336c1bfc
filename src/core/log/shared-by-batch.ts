// The encoding of a batch for one viewer is shared by all: a thousand viewers of a task cost one encoding. At the
// live end they all get the same batch, because the ring gives it to all of them. Those who read the past get batches
// of their own over the same memory (slices of one piece of the history, cut at the same numbers for everybody:
// `partsOf`), so what is kept for them belongs to that memory and goes with it.
import type { LineBatch } from "./line-batch.ts";

/** Slices of one memory that are kept: viewers who read the same past are near each other. */
const batchesKeptMax = 8;

export class SharedByBatch<T> {
  readonly #ofBatch = new WeakMap<LineBatch, { variant: string; made: T }>();
  readonly #ofMemory = new WeakMap<ArrayBufferLike, Map<string, T>>();
  readonly #encode: (batch: LineBatch, variant: string) => T;

  /** `encode` must give the same for the same lines and variant. */
  constructor(encode: (batch: LineBatch, variant: string) => T) {
    this.#encode = encode;
  }

  of(batch: LineBatch, variant: string): T {
    const known = this.#ofBatch.get(batch);
    if (known?.variant === variant) return known.made;
    const made = this.#ofSlice(batch, variant);
    this.#ofBatch.set(batch, { variant, made });
    return made;
  }

  #ofSlice(batch: LineBatch, variant: string): T {
    const memory = batch.ends.buffer;
    const kept = this.#ofMemory.get(memory) ?? new Map<string, T>();
    const key = `${batch.firstSeq}:${batch.count}:${variant}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = this.#encode(batch, variant);
    if (kept.size >= batchesKeptMax) kept.clear();
    kept.set(key, made);
    this.#ofMemory.set(memory, kept);
    return made;
  }
}
