// The one public JSON of a worker, for `tasklog workers --json` and the HTTP API. It keeps to the rules of a task's
// (task-json.ts): every field is there, null means none or not yet, moments are RFC 3339 with milliseconds.
import type { WorkerInfo } from "./gen/tasklog/v1/task.ts";
import { toMoment } from "./task-json.ts";

export interface WorkerJson {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** The largest number of tasks it runs at the same time. */
  readonly slots: number;
  /** The number of tasks that run now. */
  readonly running: number;
  /** docker, process. */
  readonly runtimes: readonly string[];
  /** "docker 20.10.24"; null: no engine answers. */
  readonly engine: string | null;
  readonly version: string;
  readonly connectedSince: string | null;
  readonly lastSeen: string | null;
}

export function toWorkerJson(worker: WorkerInfo): WorkerJson {
  const { id, name, connected, labels, slots, running, runtimes, engine, version } = worker;
  return {
    ...{ id, name, connected, labels, slots, running, runtimes, version },
    engine: engine || null,
    connectedSince: toMoment(worker.connectedMs),
    lastSeen: toMoment(worker.lastSeenMs),
  };
}
