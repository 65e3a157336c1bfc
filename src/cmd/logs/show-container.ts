// A container of the local engine, shown as a task is: for `monitor` where no master runs. Its lines are numbered here,
// from the first one read, because nobody else numbers them.
import { stampNow } from "../../core/base/clock.ts";
import { LineSplitter } from "../../core/log/line-splitter.ts";
import type { Completion, LogItem } from "../../core/log/log-item.ts";
import { selectLines } from "../../core/log/select-lines.ts";
import { firstNotBefore } from "../../core/log/stamps.ts";
import type { MonitoredContainer } from "../../core/worker/local/monitor-container.ts";
import { completionOf } from "../../core/worker/tasks/task-completion.ts";
import type { MonitorRange } from "./monitor-range.ts";
import type { TaskView } from "./task-view.ts";

/** Resolves to how the container ended, undefined where it runs on or the range ended before. */
export async function showContainer(
  container: MonitoredContainer,
  range: MonitorRange,
  view: TaskView,
  signal: AbortSignal,
): Promise<Completion | undefined> {
  try {
    for await (const item of selectLines(itemsOf(container, range.start, signal), range)) {
      await view.show(item);
      if (item.kind === "complete") return item.completion;
    }
    return undefined;
  } finally {
    await view.close();
  }
}

async function* itemsOf(
  container: MonitoredContainer,
  start: MonitorRange["start"],
  signal: AbortSignal,
): AsyncGenerator<LogItem> {
  const lines = new LineSplitter({ tty: container.tty });
  let nextSeq = 1;
  let hasBegun = start.$case !== "since";
  function* taken(): Generator<LogItem> {
    const batch = lines.take()?.numbered(nextSeq);
    if (batch === undefined) return;
    nextSeq = batch.lastSeq + 1;
    const from = hasBegun || start.$case !== "since" ? 0 : firstNotBefore(batch, start.value);
    if (from === batch.count) return;
    hasBegun = true;
    yield { kind: "batch", batch: batch.slice(from, batch.count) };
  }
  for await (const item of container.output) {
    if ("missing" in item) {
      const { lines: count, reason } = item.missing;
      const fromSeq = nextSeq;
      nextSeq += count ?? 1;
      yield { kind: "gap", fromSeq, toSeq: nextSeq - 1, count, reason };
      continue;
    }
    for (const { stream, bytes, seconds, nanos } of item.records) {
      lines.push(stream, bytes, seconds === undefined ? stampNow() : { seconds, nanos: nanos ?? 0 });
    }
    yield* taken();
  }
  if (signal.aborted) return;
  lines.end(stampNow());
  yield* taken();
  const result = await container.result();
  if (result !== undefined) yield { kind: "complete", completion: completionOf(result, undefined) };
}
