// Two hosts' clocks may differ by hours. Who asks another host learns the difference from the time that the answer tells,
// and brings the moments that it tells to one's own clock: a duration from one's own "now" to such a moment is true.
import type { LogItem } from "../log/log-item.ts";
import type { TaskReport } from "./gen/tasklog/v1/worker.ts";
import { checkedMs } from "./worker-words.ts";

/** A smaller difference counts as none, in ms: an answer's way through a busy host is no slower clock. */
const sameClockMs = 1000;
const moments = ["createdMs", "startedMs", "finishedMs"] as const;

/**
 * Returns what has to be added to a moment of the other host, in ms. `nowThereMs`: the time that it told, 0 for none;
 * `nowMs`: the own time when the answer came; `tookMs`: how long it was waited for.
 */
export function clockDifference(nowThereMs: number, nowMs: number, tookMs: number): number {
  if (checkedMs(nowThereMs) === 0) return 0;
  const difference = Math.round(nowMs - tookMs / 2 - nowThereMs);
  return Math.abs(difference) <= sameClockMs + tookMs / 2 ? 0 : difference;
}

export function reportByOurClock(report: TaskReport, differenceMs: number): TaskReport {
  if (differenceMs === 0) return report;
  const { completion } = report;
  return byOurClock(
    { ...report, completion: completion && byOurClock(completion, differenceMs) },
    differenceMs,
  );
}

export function itemByOurClock(item: LogItem, differenceMs: number): LogItem {
  if (differenceMs === 0 || item.kind !== "complete") return item;
  return { ...item, completion: byOurClock(item.completion, differenceMs) };
}

/** A moment of 0 is none, and stays so. */
function byOurClock<Told extends Partial<Record<(typeof moments)[number], number>>>(
  told: Told,
  differenceMs: number,
): Told {
  const ours = { ...told };
  for (const moment of moments) {
    const ms = ours[moment];
    if (ms) Object.assign(ours, { [moment]: ms + differenceMs });
  }
  return ours;
}
