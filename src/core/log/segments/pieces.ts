// Cuts a batch into pieces of about 32 KiB on disk: so large are the steps in which a segment is marked, written and rolled.
import type { LineBatch } from "../line-batch.ts";
import { recordBytesMax } from "./cri-format.ts";

/** The size of one write, in bytes: large enough to be cheap, small enough not to hold up the event loop. */
const pieceBytesDefault = 32 * 1024;

/** Consecutive slices of the batch, each of at most `pieceBytes` bytes on disk or of one line. */
export function* piecesOf(batch: LineBatch, pieceBytes = pieceBytesDefault): Generator<LineBatch> {
  if (batch.count === 0) return;
  let from = 0;
  while (from < batch.count) {
    const start = batch.startOf(from);
    const fits = (to: number) => recordBytesMax(to - from, batch.endOf(to - 1) - start) <= pieceBytes;
    let low = from + 1;
    let high = batch.count;
    if (fits(high)) low = high;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (fits(middle)) low = middle;
      else high = middle - 1;
    }
    yield batch.slice(from, low);
    from = low;
  }
}
