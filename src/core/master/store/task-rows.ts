// A task as a row and back. Spec and completion are JSON text: they are read and written whole.
// Rows of an older tasklog lack newer fields; `fromPartial` gives those their defaults.
import { TasklogError } from "../../base/errors.ts";
import { isFinal, type TaskStatus } from "../../log/log-item.ts";
import { Completion } from "../../rpc/gen/tasklog/v1/log.ts";
import { Adopted, TaskSpec, WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";
import { checkedCompletion, checkedMs, isStatus } from "../../rpc/worker-words.ts";
import { unknownEnd } from "../tasks/task-completions.ts";
import type { StoredTask } from "./master-store.ts";

export interface TaskRow {
  id: string;
  name: string;
  user_id: string;
  request_id: string;
  spec: string;
  status: TaskStatus;
  detail: string;
  worker_id: string;
  worker_name: string;
  container_id: string;
  // PostgreSQL may give a BIGINT as text.
  created_ms: number | string;
  started_ms: number | string;
  finished_ms: number | string;
  completion: string | null;
  cancel_requested: number;
  cancel_force: number;
  delivered: number;
  adopted: string | null;
}

/** Returns the values in the order of the columns of `SqlStore`. */
export function toTaskValues(task: StoredTask): Array<string | number | null> {
  return [
    task.id,
    task.spec.name,
    task.userId,
    task.requestId,
    JSON.stringify(task.spec),
    task.status,
    task.detail,
    task.workerId,
    task.workerName,
    task.containerId,
    task.createdMs,
    task.startedMs,
    task.finishedMs,
    task.completion === undefined ? null : JSON.stringify(task.completion),
    Number(task.cancelRequested),
    Number(task.cancelForce),
    Number(task.delivered),
    task.adopted === undefined ? null : JSON.stringify(task.adopted),
  ];
}

/** @throws TasklogError "internal" for a row that cannot be understood. */
export function fromTaskRow(row: TaskRow): StoredTask {
  try {
    return checkedRow(row);
  } catch (error) {
    const { message } = TasklogError.from(error);
    throw new TasklogError(
      "internal",
      `the row of ${row.id} in the table tasks of master.db is damaged: ${message}`,
      {
        cause: error,
      },
    );
  }
}

function checkedRow(row: TaskRow): StoredTask {
  const { status } = row;
  if (!isStatus(status)) throw new TasklogError("internal", `there is no status ${JSON.stringify(status)}`);
  return {
    id: row.id,
    spec: TaskSpec.fromPartial(JSON.parse(row.spec)),
    userId: row.user_id,
    requestId: row.request_id,
    status,
    detail: row.detail,
    workerId: row.worker_id,
    workerName: row.worker_name,
    containerId: row.container_id,
    createdMs: checkedMs(Number(row.created_ms)),
    startedMs: checkedMs(Number(row.started_ms)),
    finishedMs: checkedMs(Number(row.finished_ms)),
    completion: isFinal(status) ? completionOf(row, status) : undefined,
    cancelRequested: row.cancel_requested !== 0,
    cancelForce: row.cancel_force !== 0,
    delivered: row.delivered !== 0,
    adopted: row.adopted === null ? undefined : Adopted.fromPartial(JSON.parse(row.adopted)),
  };
}

/** @throws TasklogError "internal" for a row that cannot be understood. */
export function fromWorkerRow(id: string, info: string): WorkerInfo {
  try {
    return WorkerInfo.fromPartial(JSON.parse(info));
  } catch (error) {
    const { message } = TasklogError.from(error);
    throw new TasklogError(
      "internal",
      `the row of ${id} in the table workers of master.db is damaged: ${message}`,
      {
        cause: error,
      },
    );
  }
}

/** A task that has ended has one, whatever was written: readers wait for it. */
function completionOf({ completion }: TaskRow, status: TaskStatus): Completion {
  if (completion !== null)
    return checkedCompletion({ ...Completion.fromPartial(JSON.parse(completion)), status });
  return unknownEnd(status);
}
