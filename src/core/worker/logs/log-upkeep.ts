// The upkeep of logs that nobody writes to any more: they are sealed soon after their task's end, and removed when
// the bounds say so. One log at a time, in the background, so that running tasks keep the disk and the processor.
// What is removed shows as a gap to whoever reads there; a running task's newest lines are never removed.

import { TasklogError } from "../../base/errors.ts";
import { bytesIn } from "../../base/folder-size.ts";
import { retainEveryMs, segmentBytesMax } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { Turns } from "../../base/turns.ts";
import { startInterval, type Timer } from "../../base/wait.ts";
import type { RetentionLimits } from "../../log/segments/retention.ts";
import type { TaskRecord, TaskRecords } from "../tasks/task-records.ts";
import type { TaskLogs } from "./task-logs.ts";

/** A running task's log of this size is warned about where no bound is set, in bytes: few disks have room for several. */
const largeLogBytes = 10 * 1024 ** 3;
/** Retention removes whole segments: a bound in bytes makes them so small that it is about so many of them. */
const segmentsPerTaskBound = 8;
const segmentsPerStoreBound = 64;
const segmentBytesMin = 64 * 1024;

export interface RetentionBounds {
  /** Lines older than this are removed, in ms. */
  retainMs?: number | undefined;
  /** The largest size of one task's log on disk, in bytes. */
  taskBytesMax?: number | undefined;
  /** The largest size of all logs of this worker on disk, in bytes. The logs of tasks that ended first go first. */
  storeBytesMax?: number | undefined;
  /** The time between two runs of retention, in ms. */
  everyMs?: number | undefined;
}

/** The size at which segments roll, in bytes, so that bounds can be kept by removing whole ones. */
export function segmentBytesFor({ taskBytesMax, storeBytesMax }: RetentionBounds): number {
  const bounds = [
    segmentBytesMax,
    (taskBytesMax ?? Number.POSITIVE_INFINITY) / segmentsPerTaskBound,
    (storeBytesMax ?? Number.POSITIVE_INFINITY) / segmentsPerStoreBound,
  ];
  return Math.max(segmentBytesMin, Math.floor(Math.min(...bounds)));
}

export interface UpkeepParts {
  records: TaskRecords;
  logs: TaskLogs;
  bounds: RetentionBounds;
  logger: Logger;
  /** The size of a running task's log that is warned about, in bytes; `largeLogBytes` by default. */
  largeBytes?: number;
}

export class LogUpkeep {
  readonly #parts: UpkeepParts;
  readonly #closing = new AbortController();
  readonly #timer: Timer;
  readonly #work = new Turns();
  #isEnforcing = false;
  /** Running tasks whose logs were said to be large. */
  readonly #large = new Set<string>();

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    const everyMs = parts.bounds.everyMs ?? retainEveryMs;
    this.#timer = startInterval(() => this.#queueEnforcing(), everyMs);
    this.#timer.unref();
  }

  /** Seals what an earlier end of the worker left unsealed, then enforces the bounds. */
  start(): void {
    for (const record of this.#parts.records.all())
      if (record.completion && !record.sealed) this.seal(record.taskId);
    this.#queueEnforcing();
  }

  /** Seals the log of a task that is done, when its turn comes. */
  seal(taskId: string): void {
    this.#queue(`sealing the log of ${taskId}`, async () => {
      const { logs, records } = this.#parts;
      const record = records.get(taskId);
      if (record === undefined || record.sealed) return;
      try {
        await (await logs.pin(taskId)).seal(this.#closing.signal);
        records.save({ ...record, sealed: true });
      } finally {
        logs.release(taskId);
      }
    });
  }

  /** Removes what the bounds do not allow, oldest first. */
  async enforce(): Promise<void> {
    const { bounds, records, logs } = this.#parts;
    const { retainMs, taskBytesMax, storeBytesMax } = bounds;
    if (taskBytesMax === undefined && storeBytesMax === undefined) await this.#tellLarge();
    if (retainMs === undefined && taskBytesMax === undefined && storeBytesMax === undefined) return;
    const sizes: { record: TaskRecord; bytes: number }[] = [];
    for (const record of records.all()) {
      this.#closing.signal.throwIfAborted();
      let bytes = await bytesIn(logs.dirOf(record.taskId));
      if (bytes === 0) continue;
      if (retainMs !== undefined || (taskBytesMax !== undefined && bytes > taskBytesMax))
        bytes -= await this.#enforceOn(
          record,
          { bytesMax: taskBytesMax, olderThanMs: retainMs },
          "retention",
        );
      sizes.push({ record, bytes });
    }
    await this.#enforceInAll(sizes, storeBytesMax);
  }

  async #tellLarge(): Promise<void> {
    const { records, logs, logger, largeBytes = largeLogBytes } = this.#parts;
    for (const { taskId, completion } of records.all()) {
      this.#closing.signal.throwIfAborted();
      if (completion !== undefined) this.#large.delete(taskId);
      else if (!this.#large.has(taskId) && (await bytesIn(logs.dirOf(taskId))) > largeBytes) {
        this.#large.add(taskId);
        logger.warn(
          `the log of ${taskId} takes more than ${largeBytes} bytes on disk, and grows; to bound it, set --task-bytes-max or --store-bytes-max`,
        );
      }
    }
  }

  async #enforceInAll(
    sizes: { record: TaskRecord; bytes: number }[],
    bytesMax = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    const endOf = ({ record }: { record: TaskRecord }): number =>
      record.completion?.finishedMs ?? Number.POSITIVE_INFINITY;
    for (const { record, bytes } of sizes.sort((a, b) => endOf(a) - endOf(b))) {
      if (total <= bytesMax) return;
      const limits = { bytesMax: Math.max(0, bytes - (total - bytesMax)) };
      total -= await this.#enforceOn(record, limits, "the store is full");
    }
  }

  /** Gives the bytes that were removed. A log that cannot be read costs only itself: the others have their bounds, too. */
  async #enforceOn({ taskId }: TaskRecord, limits: RetentionLimits, why: string): Promise<number> {
    const { logs, logger } = this.#parts;
    try {
      const removed = await (await logs.open(taskId)).enforce(limits);
      if (removed.segments > 0) logger.info(`removed ${removed.bytes} bytes of the log of ${taskId}: ${why}`);
      return removed.bytes;
    } catch (error) {
      logger.warn(`nothing is removed of the log of ${taskId}: ${TasklogError.from(error).message}`);
      return 0;
    }
  }

  /** Once at a time, however long it takes. */
  #queueEnforcing(): void {
    if (this.#isEnforcing) return;
    this.#isEnforcing = true;
    this.#queue("enforcing retention", () => this.enforce().finally(() => (this.#isEnforcing = false)));
  }

  #queue(what: string, work: () => Promise<void>): void {
    void this.#work.take(async () => {
      if (this.#closing.signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (!this.#closing.signal.aborted)
          this.#parts.logger.warn(`${what} failed: ${TasklogError.from(error).message}`);
      }
    });
  }

  /** Stops after the step at hand. */
  async close(): Promise<void> {
    this.#timer?.stop();
    this.#closing.abort();
    await this.#work.settled();
  }
}
