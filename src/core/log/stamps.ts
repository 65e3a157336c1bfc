// Lines by their time. Stamps may run backwards, so a place by time is always "the first line, in order, that …", and
// what follows it may be earlier again.

import { compareStamps, type Stamp, toMs } from "../base/stamp.ts";
import type { LineBatch } from "./line-batch.ts";

/** Index of the first line with this stamp or a later one; `count` when there is none. */
export function firstNotBefore(batch: LineBatch, stamp: Stamp): number {
  for (let index = 0; index < batch.count; index++) if (compare(batch, index, stamp) >= 0) return index;
  return batch.count;
}

/** Index of the first line later than `stamp`; `count` when there is none. */
export function firstLater(batch: LineBatch, stamp: Stamp): number {
  for (let index = 0; index < batch.count; index++) if (compare(batch, index, stamp) > 0) return index;
  return batch.count;
}

/** True if the stamp lies in the past by the clock of this host. */
export function isPast(stamp: Stamp): boolean {
  return toMs(stamp) <= Date.now();
}

function compare(batch: LineBatch, index: number, stamp: Stamp): number {
  const line = { seconds: batch.seconds[index] as number, nanos: batch.nanos[index] as number };
  return compareStamps(line, stamp);
}
