// The gaps that a reader gets for numbers whose lines are not there: removed by retention, a gap that the log has
// noted, or, where neither is so, that the files do not have them.
import type { LogGap } from "../log-item.ts";
import type { LogState } from "./log-state.ts";
import type { Segment } from "./segment.ts";

/** The gap that begins at `fromSeq`, which no segment holds, in a log that ends before `nextSeq`. */
export function gapFrom(
  fromSeq: number,
  nextSeq: number,
  state: LogState,
  segments: readonly Segment[],
): LogGap {
  const firstSeq = state.removed?.nextSeq ?? 1;
  if (fromSeq < firstSeq) {
    return { fromSeq, toSeq: firstSeq - 1, count: firstSeq - fromSeq, reason: "removed by retention" };
  }
  const gap = state.gapAt(fromSeq);
  if (gap) {
    const count = fromSeq === gap.fromSeq ? gap.count : gap.toSeq - fromSeq + 1;
    return { fromSeq, toSeq: gap.toSeq, count, reason: gap.reason };
  }
  const segment = segments.find((segment) => segment.file.firstSeq > fromSeq);
  const behind = state.gapBehind(fromSeq);
  return missing(fromSeq, Math.min(segment?.file.firstSeq ?? nextSeq, behind?.fromSeq ?? nextSeq) - 1);
}

export function missing(fromSeq: number, toSeq: number): LogGap {
  return { fromSeq, toSeq, count: toSeq - fromSeq + 1, reason: "missing on disk" };
}
