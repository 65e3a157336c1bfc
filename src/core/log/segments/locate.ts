// Finds a line by its time. Stamps may run backwards, so "since" means the first line, in order, that has the stamp or a
// later one; each mark knows the largest stamp before it in its segment, which makes that exact and no scan.
import { indexEveryBytes } from "../../limits.ts";
import { LineBatch, type Stamp } from "../line-batch.ts";
import type { LogHistory } from "../log-item.ts";
import type { Segment } from "./segment.ts";

/** The number of the first line with this stamp or a later one; undefined: there is none. */
export async function locate(
  segments: readonly Segment[],
  log: LogHistory,
  stamp: Stamp,
): Promise<number | undefined> {
  for (const segment of segments) {
    if (segment.end.nextSeq === segment.file.firstSeq || !segment.end.hasReached(stamp)) continue;
    const table = await segment.index();
    let seq = table.seqAt(table.markOfStamp(stamp));
    while (seq < segment.end.nextSeq) {
      const item = await log.read(seq, indexEveryBytes);
      if (item instanceof LineBatch) {
        for (let index = 0; index < item.count; index++) {
          if (!isBefore(item, index, stamp)) return seq + index;
        }
        seq += item.count;
      } else seq = item.toSeq + 1;
    }
  }
  return undefined;
}

function isBefore(batch: LineBatch, index: number, stamp: Stamp): boolean {
  const seconds = batch.seconds[index] as number;
  return seconds === stamp.seconds ? (batch.nanos[index] as number) < stamp.nanos : seconds < stamp.seconds;
}
