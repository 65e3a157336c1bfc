// One run's piece of an engine's log: it ends where the first record is later than the run's end, because no record of
// a run stands behind one of the next.

import { isLater, type Stamp } from "../../base/stamp.ts";
import type { OutputGap } from "../../engine/output.ts";
import { endOf } from "../../engine/records/line-ends.ts";
import type { EngineLog, EngineLogQuery, EngineRecords } from "../../engine/sources/engine-log.ts";

/** Yields the items that are not later than `until`. */
export async function* untilTime(
  items: AsyncIterable<EngineRecords | OutputGap>,
  until: Stamp,
): AsyncGenerator<EngineRecords | OutputGap> {
  for await (const item of items) {
    if ("missing" in item) {
      yield item;
      continue;
    }
    const at = item.records.findIndex(({ seconds = 0, nanos = 0 }) => isLater({ seconds, nanos }, until));
    if (at === -1) {
      yield item;
      continue;
    }
    if (at > 0) yield { records: item.records.slice(0, at) };
    return;
  }
}

/** The run's last `lines` lines: counted first, then read. */
export async function* tailOfRun(
  log: EngineLog,
  query: EngineLogQuery,
  until: Stamp,
  lines: number,
  signal: AbortSignal,
): AsyncGenerator<EngineRecords | OutputGap> {
  let count = 0;
  for await (const item of untilTime(log.read(query, signal), until)) {
    if ("records" in item) count += item.records.filter((record) => endOf(record) === "line").length;
  }
  const skipLines = Math.max(0, count - lines);
  yield* untilTime(log.read({ ...query, skipLines }, signal), until);
}
