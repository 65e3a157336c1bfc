import type { TaskReport } from "../rpc/gen/tasklog/v1/worker.ts";
import type { TaskRecord } from "./task-records.ts";

/** What is true of a task at the moment only. */
type Passing = Partial<Pick<TaskReport, "progress" | "detail" | "diskHeldMs" | "diskBehind">>;

/** What a watching master is told of a task. */
export function toReport(record: TaskRecord, now: Passing = {}): TaskReport {
  return {
    taskId: record.taskId,
    status: record.status,
    progress: undefined,
    completion: record.completion,
    containerId: record.handle,
    startedMs: record.startedMs,
    snapshotEnd: false,
    detail: "",
    diskHeldMs: 0,
    diskBehind: false,
    ...now,
  };
}
