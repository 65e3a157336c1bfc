// The one closed union of everything that travels in a log's stream, in order. That lines, gaps, status and
// completion share one order is what makes "complete comes after the last line" true by construction.

import type { Stamp } from "../base/stamp.ts";
import type { LineBatch, StreamName } from "./line-batch.ts";

/** All statuses that a task can have, in the order of its life. */
export const taskStatuses = [
  "pending",
  "starting",
  "running",
  "success",
  "failed",
  "cancelled",
  "lost",
] as const;

export type TaskStatus = "unspecified" | (typeof taskStatuses)[number];

/** The statuses a task ends in. `lost` may still become another one, when the worker returns. */
export function isFinal(status: TaskStatus): boolean {
  return status === "success" || status === "failed" || status === "cancelled" || status === "lost";
}

export interface LogStart {
  /** Names this log. Under another epoch the same numbers mean other lines. */
  epoch: string;
  /** The seq this stream begins with. */
  firstSeq: number;
  /** The seq the next new line will get. */
  nextSeq: number;
  /** false: the epoch that was asked for is gone, the stream starts anew. */
  recovered: boolean;
}

/** Lines that are gone. They keep their numbers; those that nobody can count take one together. */
export interface LogGap {
  fromSeq: number;
  /** Inclusive. */
  toSeq: number;
  /** The number of missing lines, where it is known. */
  count?: number | undefined;
  reason: string;
}

export interface Progress {
  what: string;
  currentBytes: number;
  /** 0: not known. */
  totalBytes: number;
  message: string;
}

export interface LogStatus {
  status: TaskStatus;
  /** The reason why a task waits, or what it does, in one sentence. */
  detail: string;
  progress: Progress | undefined;
}

/** Text that has no newline yet; the next item of the same stream replaces it. */
export interface LogPartial {
  stream: StreamName;
  text: Uint8Array;
  seconds: number;
  nanos: number;
}

export interface Completion {
  status: TaskStatus;
  exitCode?: number | undefined;
  /** "SIGKILL"; empty: not ended by a signal. */
  signal: string;
  /** oom, timeout, cancelled, image, command, engine, lost; empty for an ordinary exit. */
  reason: string;
  /** A sentence for a person; empty when there is nothing to add. */
  message: string;
  /** 0: the task printed nothing. */
  lastSeq: number;
  /** Lines that were read; fewer than `lastSeq` where lines are missing. */
  lines: number;
  /** Bytes of text, newlines included. */
  bytes: number;
  /** Milliseconds of the Unix epoch; 0: never started. */
  startedMs: number;
  finishedMs: number;
  /** The checksum of the whole log; empty if it was not computed. */
  checksum: string;
}

export type LogItem =
  | ({ kind: "start" } & LogStart)
  | { kind: "batch"; batch: LineBatch }
  | ({ kind: "gap" } & LogGap)
  | ({ kind: "status" } & LogStatus)
  | ({ kind: "partial" } & LogPartial)
  | { kind: "complete"; completion: Completion };

/** The place where a cursor reads lines that the ring no longer holds: segments on a worker, ReadLog on a master. */
export interface LogHistory {
  /**
   * The lines from `fromSeq` on, at most about `bytesMax` bytes of text and at least one line; or the gap that
   * begins at `fromSeq`. Only asked for lines that were published. Throws TasklogError when it cannot be read now.
   */
  read(fromSeq: number, bytesMax: number, signal?: AbortSignal): Promise<LineBatch | LogGap>;
  /**
   * The number of the first line, in order, with this stamp or a later one; the next new line's where there is none.
   * Throws as `read` does.
   */
  locate(stamp: Stamp, signal?: AbortSignal): Promise<number>;
}
