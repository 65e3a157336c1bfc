// Tasks and workers as the HTTP API gives them. Values of a task's environment may be secrets: only names are shown.
import type { TaskStatus } from "../../../core/log/log-item.ts";
import type { Task, WorkerInfo } from "../../../core/plugin-api.ts";

export const taskStatuses: readonly TaskStatus[] = [
  "pending",
  "starting",
  "running",
  "success",
  "failed",
  "cancelled",
  "lost",
];

export function taskJson(task: Task) {
  const { spec, completion } = task;
  return {
    id: task.id,
    name: spec?.name ?? "",
    image: spec?.image ?? "",
    command: spec?.command ?? [],
    status: task.status,
    detail: task.detail,
    user: task.userId,
    worker: task.workerName,
    labels: spec?.labels ?? {},
    cancelRequested: task.cancelRequested,
    ...(task.adopted && { adopted: task.adopted }),
    createdMs: task.createdMs,
    startedMs: task.startedMs,
    finishedMs: task.finishedMs,
    exitCode: completion?.exitCode ?? null,
    signal: completion?.signal ?? "",
    reason: completion?.reason ?? "",
    message: completion?.message ?? "",
    lastSeq: completion?.lastSeq ?? 0,
    lines: completion?.lines ?? 0,
    bytes: completion?.bytes ?? 0,
    tty: spec?.tty ?? false,
    spec: spec && { ...spec, env: spec.env.map((entry) => entry.split("=", 1)[0]) },
  };
}

export function workerJson(worker: WorkerInfo) {
  const { id, name, labels, slots, running, connected, version, engine, lastSeenMs } = worker;
  return { id, name, labels, slots, running, connected, version, engine, lastSeenMs };
}
