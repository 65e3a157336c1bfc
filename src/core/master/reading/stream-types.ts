// The input and the results of `streamTaskLogsUnified`: the shape of the one function through which lines leave the
// master. The function itself is made in stream-task-logs.ts.

import type { Stamp } from "../../base/stamp.ts";
import type { LineBatch, StreamName } from "../../log/line-batch.ts";
import type {
  Completion,
  LogGap,
  LogItem,
  LogPartial,
  LogStart,
  Progress,
  TaskStatus,
} from "../../log/log-item.ts";
import type { From } from "../../log/task-log-broadcaster.ts";

/**
 * One thing that happened in a task's log, in order. At most one of `start`, `lines`, `gap`, `partial` and
 * `completion` is set; with none of them, the status or its detail has changed.
 */
export interface LogUpdate {
  /** The same as one item of the closed union, for clients that pass it on. */
  readonly item: LogItem;
  readonly start?: LogStart;
  readonly lines?: LineBatch;
  readonly gap?: LogGap;
  readonly partial?: LogPartial;
  readonly progress?: Progress;
  /** True once, in the last update. */
  readonly isComplete: boolean;
  /** The status that was sent last. */
  readonly status: TaskStatus;
  readonly completion?: Completion;
}

/** Is awaited: a slow handler gets its lines later and slows down nobody else. What it throws ends its stream. */
export type LogStreamHandler = (update: LogUpdate) => void | Promise<void>;

export interface StreamTaskLogsOptions {
  /** The place to begin; the whole log by default. */
  readonly from?: From;
  /** Go on until the task is complete; true by default. */
  readonly follow?: boolean;
  /**
   * The epoch of the log that these numbers belong to; used with `fromSeq`. Another one starts anew, told by
   * `start.recovered` false.
   */
  readonly epoch?: string | undefined;
  /** The streams to send; nothing is said of the numbers that are left out. Both by default. */
  readonly streams?: readonly StreamName[] | undefined;
  /** The stream ends before the first line with a later stamp, without a completion. A time that is past is not followed. */
  readonly untilTime?: Stamp | undefined;
}

/** The way a stream ended: with the task's completion, at the end of what there was, or by abort. */
export interface StreamEnd {
  readonly completion: Completion | undefined;
  /** The seq that would have come next, for a later resume; 0 when no line could have come yet. */
  readonly nextSeq: number;
  readonly epoch: string;
}

/**
 * Streams the log of a task, running, finished or not placed yet, to `handler`. Status updates may come before
 * `start`. `taskId` is an id, a unique prefix or a name. Resolves at the end; abort ends it quietly.
 * @throws TasklogError "not_found", "ambiguous", "unavailable" (the worker of a finished task is away), and what
 * the handler throws.
 */
export type StreamTaskLogsUnified = (
  signal: AbortSignal,
  taskId: string,
  userId: string,
  handler: LogStreamHandler,
  options?: StreamTaskLogsOptions,
) => Promise<StreamEnd>;
