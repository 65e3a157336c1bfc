import type { TaskReport } from "../../rpc/gen/tasklog/v1/worker.ts";
import type { TaskRecord } from "./task-records.ts";

/** The facts about a task that are true at the moment only. */
type Passing = Partial<Pick<TaskReport, "progress" | "detail" | "diskHeldMs" | "diskBehind">>;

/** Makes the report that a connected master gets of a task. */
export function toReport(record: TaskRecord, now: Passing = {}): TaskReport {
  const { adopted } = record;
  return {
    taskId: record.taskId,
    status: record.status,
    progress: undefined,
    completion: record.completion,
    containerId: adopted?.containerId ?? record.handle,
    startedMs: record.startedMs,
    snapshotEnd: false,
    detail: "",
    diskHeldMs: 0,
    diskBehind: false,
    // No master submitted it: what it is must be said, too.
    adopted: adopted && { container: adopted.container, source: adopted.source, limits: [...adopted.limits] },
    spec: adopted && record.spec,
    createdMs: adopted === undefined ? 0 : record.startedMs,
    ...now,
  };
}
