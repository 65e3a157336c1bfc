// A container of the local engine, shown as a task is: for `monitor` where no master runs. Its lines are numbered here,
// from the first one shown, because nobody else numbers them.
import { stampNow } from "../../core/log/clock.ts";
import { LineSplitter } from "../../core/log/line-splitter.ts";
import type { Completion } from "../../core/log/log-item.ts";
import type { MonitoredContainer } from "../../core/worker/sources/monitor-container.ts";
import { completionOf } from "../../core/worker/task-completion.ts";
import type { TaskView } from "./task-view.ts";

/** Resolves to how the container ended, undefined where it runs on. */
export async function showContainer(
  container: MonitoredContainer,
  view: TaskView,
  signal: AbortSignal,
): Promise<Completion | undefined> {
  const lines = new LineSplitter({ tty: container.tty });
  let nextSeq = 1;
  const showLines = async (): Promise<void> => {
    const batch = lines.take()?.numbered(nextSeq);
    if (batch === undefined) return;
    nextSeq = batch.lastSeq + 1;
    await view.show({ kind: "batch", batch });
  };
  try {
    for await (const { stream, bytes, seconds, nanos } of container.records) {
      const stamp = seconds === undefined ? stampNow() : { seconds, nanos: nanos ?? 0 };
      lines.push(stream, bytes, stamp);
      await showLines();
    }
    if (signal.aborted) return undefined;
    lines.end(stampNow());
    await showLines();
    const result = await container.result();
    if (result === undefined) return undefined;
    const completion = completionOf(result, undefined);
    await view.show({ kind: "complete", completion });
    return completion;
  } finally {
    await view.close();
  }
}
