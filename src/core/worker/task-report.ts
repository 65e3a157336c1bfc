import type { Progress } from "../log/log-item.ts";
import type { TaskReport } from "../rpc/gen/tasklog/v1/worker.ts";
import type { TaskRecord } from "./task-records.ts";

/** What a watching master is told of a task; `detail`: what it waits for. */
export function toReport(record: TaskRecord, progress?: Progress, detail = ""): TaskReport {
  return {
    taskId: record.taskId,
    status: record.status,
    progress,
    completion: record.completion,
    containerId: record.handle,
    startedMs: record.startedMs,
    snapshotEnd: false,
    detail,
  };
}
