// One task on this worker, from its image to its completion: the only reader of its output and the only writer of
// its log. Whatever goes wrong in between ends as a completion with one clear sentence, and the completion comes
// after the last line, because both are published here, in that order.
//
// Engine or worker may go away in the middle: the run is opened again behind the lines taken so far, and reading
// goes on. Deliberately absent: slots and queues (the master's), and anything of Docker (the runtime's).

import { hostMoment, msUntil, stampNow } from "../../base/clock.ts";
import { TasklogError } from "../../base/errors.ts";
import { flushTimeoutMs, recordRetryMs, stopTimeoutMs, unwrittenBytesMax } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { atMost, sleep, startTimer } from "../../base/wait.ts";
import type { RunResult } from "../../engine/output.ts";
import type { LineBatch } from "../../log/line-batch.ts";
import { LineSplitter } from "../../log/line-splitter.ts";
import type { Completion, Progress, TaskStatus } from "../../log/log-item.ts";
import type { LogStreamManager } from "../../log/log-stream-manager.ts";
import type { SegmentLog } from "../../log/segments/segment-log.ts";
import type { BroadcasterOptions, TaskLogBroadcaster } from "../../log/task-log-broadcaster.ts";
import { DiskWatch } from "../logs/disk-watch.ts";
import { LogPublisher } from "../logs/log-publisher.ts";
import type { LogUpkeep } from "../logs/log-upkeep.ts";
import type { TaskLogs } from "../logs/task-logs.ts";
import type { Run, RunSource, TaskRuntime } from "../runtimes/runtime.ts";
import { cleanUp, whenEngineAnswers } from "./engine-wait.ts";
import { showUnfinished } from "./show-unfinished.ts";
import { takenOf } from "./taken-lines.ts";
import { completionOf, completionOfError, type StopReason } from "./task-completion.ts";
import type { TaskRecord, TaskRecords } from "./task-records.ts";
import { toReport } from "./task-report.ts";
import type { TaskReports } from "./task-reports.ts";

export interface ExecutionContext {
  records: TaskRecords;
  reports: TaskReports;
  logs: TaskLogs;
  manager: LogStreamManager;
  upkeep: LogUpkeep;
  logger: Logger;
  /** Bounds of each task's ring and batches. */
  ring: Pick<BroadcasterOptions, "ringLinesMax" | "ringBytesMax" | "batchLinesMax">;
}

/** The right to start the run of a task, and to remove what is left of it. */
export interface Starting {
  readonly runtime: TaskRuntime;
  /** An earlier start has left something behind. */
  readonly hasLeft: boolean;
}

export class TaskExecution {
  readonly #record: TaskRecord;
  readonly #source: RunSource;
  /** Starts the run and removes it at its end; undefined for an adopted run, which is only read. */
  readonly #starts: TaskRuntime | undefined;
  readonly #context: ExecutionContext;
  /** Aborted when the task shall end: while its image is pulled there is no run to stop. */
  readonly #ending = new AbortController();
  /** Aborted when the worker closes: the run is left alone. */
  readonly #closing = new AbortController();
  #stopReason: StopReason | undefined;
  /** The engine, or an earlier worker, went away while the run was being started: there may be one that is not known here. */
  #hasBrokenOff: boolean;
  #run: Run | undefined;
  #log!: SegmentLog;
  #broadcaster!: TaskLogBroadcaster;
  #lines!: LogPublisher;
  /** Has what came of a line whose end is still to come, also when the output is broken off. */
  #begun: LineSplitter | undefined;
  #disk: DiskWatch | undefined;

  /** `starting`: undefined for an adopted run, which is only read. */
  constructor(record: TaskRecord, source: RunSource, context: ExecutionContext, starting?: Starting) {
    this.#record = record;
    this.#source = source;
    this.#starts = starting?.runtime;
    this.#hasBrokenOff = starting?.hasLeft ?? false;
    this.#context = context;
    if (!record.stopRequested) return;
    this.#stopReason = "cancelled";
    this.#ending.abort();
  }

  /** Takes the task to its completion. `handle`: a run that exists already. Never throws. */
  async execute(handle: string | undefined): Promise<void> {
    const { taskId } = this.#record;
    const { logs, manager, ring, logger } = this.#context;
    try {
      this.#log = await this.#openLog(handle !== undefined);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      logger.error(`${taskId}: ${TasklogError.from(error).message}`);
      this.#tellOfEnd(completionOfError(error, this.#stopReason, this.#record.startedMs));
      return;
    }
    try {
      this.#broadcaster = manager.startTask({
        taskId,
        epoch: this.#log.epoch,
        firstSeq: this.#log.nextSeq,
        history: this.#log,
        ...ring,
      });
      const disk = new DiskWatch(taskId, this.#log, logger, () =>
        this.#setStatus(this.#record.status, disk.notice),
      );
      this.#disk = disk;
      this.#lines = new LogPublisher(this.#log, this.#broadcaster, () => disk.look());
      const completion = await this.#toCompletion(handle);
      if (completion !== undefined) await this.#finish(completion);
    } catch (error) {
      logger.error(`${taskId}: ${TasklogError.from(error).message}`);
    } finally {
      this.#disk?.stop();
      manager.stopTask(taskId);
      logs.release(taskId);
    }
    const remove = this.#removal;
    if (remove !== undefined) await cleanUp(taskId, remove, logger, this.#closing.signal);
  }

  /** A run that exists is not given up for a log that cannot be opened now; a task that has none fails at once. */
  async #openLog(hasRun: boolean): Promise<SegmentLog> {
    const { logs, logger } = this.#context;
    const { taskId } = this.#record;
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await logs.pin(taskId, (trouble) => this.#disk?.fails(trouble));
      } catch (error) {
        logs.release(taskId);
        if (!hasRun) throw error;
        if (isFirst) logger.warn(`${taskId}: ${TasklogError.from(error).message}; trying again`);
        await sleep(recordRetryMs, this.#closing.signal);
      }
    }
  }

  /** Ends the task: SIGTERM, and SIGKILL after its stop time-out; with `force` at once. */
  stop(reason: StopReason, force: boolean): void {
    this.#stopReason ??= reason;
    if (reason === "cancelled" && !this.#record.stopRequested) {
      this.#record.stopRequested = true;
      this.#context.records.save(this.#record);
    }
    this.#ending.abort();
    const graceMs = force ? 0 : (this.#record.spec.stopTimeoutMs ?? stopTimeoutMs);
    this.#run?.stop(graceMs).catch((error) => {
      this.#context.logger.warn(`cannot stop ${this.#record.taskId}: ${TasklogError.from(error).message}`);
    });
  }

  /** The terminal that shows the task has another size now. */
  async resizeTerminal(rows: number, columns: number): Promise<void> {
    if (this.#record.spec.tty) await this.#run?.resizeTerminal?.(rows, columns);
  }

  /** Leaves the run alone and ends `execute`. */
  close(): void {
    this.#closing.abort();
    this.#ending.abort();
    this.#run?.detach();
  }

  /** undefined: the worker closes. */
  async #toCompletion(handle: string | undefined): Promise<Completion | undefined> {
    try {
      const result = await this.#toResult(handle);
      if (result === undefined) return undefined;
      return completionOf(result, this.#stopReason);
    } catch (error) {
      if (this.#closing.signal.aborted) return undefined;
      if (TasklogError.from(error).code === "not_found") this.#lines.addGap("its container was gone");
      return completionOfError(error, this.#stopReason, this.#record.startedMs);
    }
  }

  async #toResult(handle: string | undefined): Promise<RunResult | undefined> {
    let run = handle === undefined ? await this.#start() : await this.#reopen(handle);
    const timeoutMs = this.#record.spec.timeoutMs;
    const ranMs = Math.max(0, -msUntil(this.#record.startedAt, this.#record.startedMs));
    const leftMs = timeoutMs > 0 ? timeoutMs - ranMs : Number.POSITIVE_INFINITY;
    using _timer = startTimer(() => this.stop("timeout", false), leftMs);
    for (;;) {
      try {
        return await this.#readToEnd(run);
      } catch (error) {
        if (this.#closing.signal.aborted) return undefined;
        if (TasklogError.from(error).code !== "unavailable") throw error;
        this.#setStatus("running", `${TasklogError.from(error).message}; waiting for it`);
        run = await this.#reopen(run.handle);
      }
    }
  }

  /**
   * Waits for an engine that goes away meanwhile. One that has never answered to this worker is not waited for: then a wrong
   * address, or a host without Docker, is likelier than an engine that comes back.
   */
  async #start(): Promise<Run> {
    const { spec, taskId, userId } = this.#record;
    const { signal } = this.#ending;
    const runtime = this.#starts;
    if (runtime === undefined)
      throw new TasklogError("internal", `${taskId} is only read here and cannot be started`);
    this.#setStatus("starting", "");
    const onProgress = (progress: Progress): void => this.#setStatus("starting", progress.message, progress);
    const attempt = async (): Promise<Run> => {
      signal.throwIfAborted();
      await runtime.prepare(spec, onProgress, signal);
      signal.throwIfAborted();
      return await runtime.start(taskId, spec, userId, takenOf(this.#log));
    };
    const onWait = (why: TasklogError): void => {
      if (!runtime.hasAnswered) throw why;
      this.#hasBrokenOff = true;
      this.#setStatus("starting", `${why.message}; waiting for it`);
    };
    return this.#started(await whenEngineAnswers(attempt, onWait, signal));
  }

  /** Opens the run behind the lines taken so far, waiting for an engine that does not answer. */
  async #reopen(handle: string): Promise<Run> {
    const attempt = (): Promise<Run> => this.#source.reopen(handle, takenOf(this.#log, this.#begun));
    const onWait = (why: TasklogError): void => this.#setStatus("running", `${why.message}; waiting for it`);
    return this.#started(await whenEngineAnswers(attempt, onWait, this.#closing.signal));
  }

  #started(run: Run): Run {
    this.#run = run;
    this.#record.handle = run.handle;
    if (this.#record.startedMs === 0) {
      this.#record.startedMs = Date.now();
      this.#record.startedAt = hostMoment();
    }
    this.#setStatus("running", run.limits ?? "");
    this.#context.records.save(this.#record);
    if (this.#closing.signal.aborted) run.detach();
    else if (this.#stopReason !== undefined) this.stop(this.#stopReason, false);
    return run;
  }

  async #readToEnd(run: Run): Promise<RunResult | undefined> {
    const lines = new LineSplitter({ tty: this.#record.spec.tty });
    using _partials = showUnfinished(lines, this.#broadcaster);
    for await (const item of run.output) {
      this.#begun = lines;
      if ("missing" in item) {
        lines.end(stampNow());
        this.#publish(lines.take());
        this.#lines.addGap(item.missing.reason, item.missing.lines);
      } else {
        for (const { stream, bytes, stamp, isCut } of Array.isArray(item) ? item : [item]) {
          lines.push(stream, bytes, stamp ?? stampNow(), isCut);
        }
        this.#publish(lines.take());
      }
      if (this.#log.unwrittenBytes > unwrittenBytesMax) await this.#disk?.room();
    }
    if (this.#closing.signal.aborted) return undefined;
    const result = await run.wait();
    lines.end(stampNow());
    this.#publish(lines.take());
    return result;
  }

  #publish(batch: LineBatch | undefined): void {
    if (batch !== undefined) this.#lines.add(batch);
  }

  #setStatus(status: TaskStatus, detail: string, progress?: Progress): void {
    this.#record.status = status;
    this.#broadcaster.setStatus({ status, detail, progress });
    this.#context.reports.set(toReport(this.#record, { progress, detail, ...this.#disk?.report }));
  }

  /** Disk first, then the record, then everybody else: a crash between repeats a step and loses none. */
  async #finish(outcome: Completion): Promise<void> {
    const { upkeep } = this.#context;
    const record = this.#record;
    // A disk that fails or hangs costs history, never a completion.
    await atMost(flushTimeoutMs, this.#log.flush());
    await this.#lines.settled();
    const completion: Completion = {
      ...outcome,
      lastSeq: this.#log.nextSeq - 1,
      lines: this.#log.lines,
      bytes: this.#log.bytes,
      checksum: this.#log.checksum,
    };
    this.#tellOfEnd(completion, this.#broadcaster);
    upkeep.seal(record.taskId);
  }

  #tellOfEnd(completion: Completion, broadcaster?: TaskLogBroadcaster): void {
    this.#disk?.stop();
    this.#record.status = completion.status;
    this.#record.completion = completion;
    this.#context.records.save(this.#record);
    broadcaster?.complete(completion);
    this.#context.reports.set(toReport(this.#record, this.#disk?.report));
  }

  /** Takes away the container, or what a start that broke off has left; undefined: nothing is to be taken away. */
  get #removal(): (() => Promise<void>) | undefined {
    const { taskId, handle, spec, completion } = this.#record;
    const runtime = this.#starts;
    if (runtime === undefined) return undefined;
    if (handle === "") return this.#hasBrokenOff ? () => runtime.discard(taskId) : undefined;
    if (completion === undefined || spec.keep) return undefined;
    return async () => {
      // Not before the completion is on disk: a worker that is killed until then asks the engine again.
      if (!(await atMost(recordRetryMs, this.#context.records.saved(taskId))))
        throw new TasklogError("unavailable", "how it ended is not on disk yet");
      await runtime.remove(handle);
    };
  }
}
