// Finds a line by its time. Stamps may run backwards, so "since" means the first line, in order, that has the stamp or a
// later one; each mark knows the largest stamp before it in its segment, which makes that exact and no scan.
import { indexEveryBytes } from "../../base/limits.ts";
import type { Stamp } from "../../base/stamp.ts";
import { LineBatch } from "../line-batch.ts";
import type { LogHistory } from "../log-item.ts";
import { firstNotBefore } from "../stamps.ts";
import type { Segment } from "./segment.ts";

/** The number of the first line with this stamp or a later one; undefined: there is none. */
export async function locate(
  segments: readonly Segment[],
  log: Pick<LogHistory, "read">,
  stamp: Stamp,
): Promise<number | undefined> {
  for (const segment of segments) {
    if (segment.end.nextSeq === segment.file.firstSeq || !segment.end.hasReached(stamp)) continue;
    const table = await segment.index();
    const from = table.seqAt(table.markOfStamp(stamp));
    const found = await scan(log, from, segment.end.nextSeq, stamp);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The same among the lines [from, to), one after the other. */
export async function scan(
  log: Pick<LogHistory, "read">,
  from: number,
  to: number,
  stamp: Stamp,
): Promise<number | undefined> {
  for (let seq = from; seq < to; ) {
    const item = await log.read(seq, indexEveryBytes);
    if (item instanceof LineBatch) {
      const index = firstNotBefore(item, stamp);
      if (index < item.count) return seq + index;
      seq += item.count;
    } else seq = item.toSeq + 1;
  }
  return undefined;
}
