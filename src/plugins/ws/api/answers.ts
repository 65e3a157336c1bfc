// The HTTP API's answers about a log, as types: the routes keep to them and the page imports them. A task is TaskJson
// (core/rpc/task-json.ts), a worker WorkerJson, a step of a search SearchStep, a density LogDensity.
import type { LogGap, TaskStatus } from "../../../core/log/log-item.ts";
import type { TaskJson, WorkerJson } from "../../../core/plugin-api.ts";
import type { LineJson } from "../line-json.ts";

/** The first event of a stream of events, and the one after events that were missed. */
export interface Snapshot {
  readonly tasks: readonly TaskJson[];
  readonly workers: readonly WorkerJson[];
}

export interface TasksAnswer {
  readonly tasks: readonly TaskJson[];
  /** The `before` of the next page; absent on the last one. */
  readonly next?: string;
}

export interface LogInfo {
  readonly epoch: string;
  readonly firstSeq: number;
  /** The seq that the next new line will get. */
  readonly nextSeq: number;
  readonly complete: boolean;
  readonly status: TaskStatus;
}

export interface LogPageAnswer {
  readonly epoch: string;
  readonly nextSeq: number;
  readonly lines: readonly LineJson[];
  readonly gaps: readonly LogGap[];
  /** The lines that were searched, inclusive. With a filter it may be more than the lines say. */
  readonly scannedFrom: number;
  readonly scannedTo: number;
}
