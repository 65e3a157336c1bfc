// A task as it is made, and what a worker's report changes in it. Pure; the task book decides when.
import type { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import type { TaskReport } from "../../rpc/gen/tasklog/v1/worker.ts";
import type { StoredTask } from "../store/master-store.ts";
import { isTaskId, newTaskId } from "./task-ids.ts";

export function newTask(spec: TaskSpec, userId: string, requestId: string): StoredTask {
  return {
    id: newTaskId(),
    spec,
    userId,
    requestId,
    status: "pending",
    detail: "",
    workerId: "",
    workerName: "",
    containerId: "",
    createdMs: Date.now(),
    startedMs: 0,
    finishedMs: 0,
    completion: undefined,
    cancelRequested: false,
    cancelForce: false,
    delivered: false,
    adopted: undefined,
  };
}

/** A run of a container that a worker adopts: the master learns of it from the worker's report. */
export function adoptedTask(
  worker: { id: string; name: string },
  { taskId, spec, adopted, containerId, createdMs, startedMs }: TaskReport,
): StoredTask | undefined {
  if (spec === undefined || adopted === undefined || !isTaskId(taskId)) return undefined;
  return {
    ...newTask(spec, "", ""),
    id: taskId,
    status: "starting",
    workerId: worker.id,
    workerName: worker.name,
    containerId,
    createdMs: createdMs || Date.now(),
    startedMs,
    delivered: true,
    adopted,
  };
}

/** Picks what a report says beside the status. That a worker reports a task means that it has it. */
export function takenFrom(task: StoredTask, report: TaskReport): Partial<StoredTask> {
  return {
    delivered: true,
    containerId: report.containerId || task.containerId,
    startedMs: report.startedMs || task.startedMs,
    adopted: report.adopted ?? task.adopted,
  };
}

export function isSameButDetail(a: StoredTask, b: StoredTask): boolean {
  return (
    a.status === b.status &&
    a.delivered === b.delivered &&
    a.containerId === b.containerId &&
    a.startedMs === b.startedMs &&
    a.adopted?.source === b.adopted?.source
  );
}

/** True if a client would see no difference between the two states of an unfinished task. */
export function looksTheSame(a: StoredTask, b: StoredTask): boolean {
  return a.status === b.status && a.detail === b.detail && a.cancelRequested === b.cancelRequested;
}
