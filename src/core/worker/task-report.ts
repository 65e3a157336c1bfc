import type { Progress } from "../log/log-item.ts";
import type { TaskReport } from "../rpc/gen/tasklog/v1/worker.ts";
import type { TaskRecord } from "./task-records.ts";

/** What a watching master is told of a task, and of the disk while the task runs. */
export function toReport(
  record: TaskRecord,
  disk = { diskHeldMs: 0, diskBehind: false },
  progress?: Progress,
): TaskReport {
  return {
    taskId: record.taskId,
    status: record.status,
    progress,
    completion: record.completion,
    containerId: record.handle,
    startedMs: record.startedMs,
    snapshotEnd: false,
    ...disk,
  };
}
