// Narrows a log's stream to some streams and to an end in time. Lines keep their numbers, so what is left out is
// holes in what is sent, told by nobody: whoever asks for less knows it. Gaps, status and completion always pass.
//
// Stamps may run backwards; "until" therefore means: the stream ends before the first line that is later.

import type { Stamp } from "../base/stamp.ts";
import type { LineBatch, StreamName } from "./line-batch.ts";
import type { LogItem } from "./log-item.ts";
import { firstLater } from "./stamps.ts";

export interface Selection {
  /** The streams to select; both by default. */
  streams?: readonly StreamName[] | undefined;
  /** The stream ends before the first line with a later stamp. */
  untilTime?: Stamp | undefined;
}

/** The items that `selection` leaves. After the end in time nothing follows, not even the completion. */
export function selectLines(items: AsyncGenerator<LogItem>, selection: Selection): AsyncGenerator<LogItem> {
  const isAll = selection.streams === undefined && selection.untilTime === undefined;
  return isAll ? items : selected(items, selection);
}

async function* selected(
  items: AsyncIterable<LogItem>,
  { streams, untilTime }: Selection,
): AsyncGenerator<LogItem> {
  for await (const item of items) {
    if (item.kind === "partial" && streams !== undefined && !streams.includes(item.stream)) continue;
    if (item.kind !== "batch") {
      yield item;
      continue;
    }
    const end = untilTime === undefined ? item.batch.count : firstLater(item.batch, untilTime);
    const batch = item.batch.slice(0, end);
    if (streams === undefined) {
      if (end > 0) yield { kind: "batch", batch };
    } else {
      for (const [from, to] of runsOf(batch, streams)) yield { kind: "batch", batch: batch.slice(from, to) };
    }
    if (end < item.batch.count) return;
  }
}

/** Runs of consecutive lines of these streams, as [from, to) indexes. */
function* runsOf(batch: LineBatch, streams: readonly StreamName[]): Generator<readonly [number, number]> {
  let from = -1;
  for (let index = 0; index <= batch.count; index++) {
    const wanted = index < batch.count && streams.includes(batch.streamAt(index));
    if (wanted && from === -1) from = index;
    if (!wanted && from !== -1) {
      yield [from, index];
      from = -1;
    }
  }
}
