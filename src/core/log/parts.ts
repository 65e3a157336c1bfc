// A piece of the past in batches of a subscriber's size. They are cut at multiples of that size in the log's own numbers,
// so that viewers who are behind at different places come to get the same batches, encoded once (shared-by-batch.ts).
import type { LineBatch } from "./line-batch.ts";

/** The first `count` lines. */
export function* partsOf(batch: LineBatch, count: number, linesMax: number): Generator<LineBatch> {
  for (let from = 0; from < count; ) {
    const to = Math.min(count, from + linesMax - ((batch.firstSeq + from - 1) % linesMax));
    yield batch.slice(from, to);
    from = to;
  }
}
