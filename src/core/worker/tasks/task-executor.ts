// All tasks of a worker: starts them, stops them, and finds them again after the worker was away.

import { TasklogError } from "../../base/errors.ts";
import { engineRetryMs } from "../../base/limits.ts";
import { atMost, sleep } from "../../base/wait.ts";
import { isFinal } from "../../log/log-item.ts";
import type { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import { isFolderName } from "../logs/task-logs.ts";
import type { FoundRun, RunSource, TaskRuntime } from "../runtimes/runtime.ts";
import { type ExecutionContext, type Starting, TaskExecution } from "./task-execution.ts";
import type { TaskRecord } from "./task-records.ts";
import { toReport } from "./task-report.ts";

/** A worker that starts looks this long for runs of its own before it meets its master, in ms. */
const resumeWaitMs = 2_000;

export class TaskExecutor {
  readonly #runtimes: readonly TaskRuntime[];
  readonly #context: ExecutionContext;
  readonly #running = new Map<
    string,
    { execution: TaskExecution; done: Promise<void>; isAdopted: boolean }
  >();
  readonly #closing = new AbortController();

  /** `runtimes`: the first one is what a task gets that names none. */
  constructor(runtimes: readonly TaskRuntime[], context: ExecutionContext) {
    this.#runtimes = runtimes;
    this.#context = context;
  }

  /** Tasks that take a slot: what others started takes none. */
  get running(): number {
    return [...this.#running.values()].filter(({ isAdopted }) => !isAdopted).length;
  }

  /**
   * Starts a task, or does nothing if this worker has it already. Throws `invalid` for a runtime it has not, and for
   * an id that cannot name a log.
   */
  startTask(taskId: string, spec: TaskSpec, userId: string): void {
    if (!isFolderName(taskId)) {
      throw new TasklogError("invalid", `${JSON.stringify(taskId)} cannot be the id of a task`);
    }
    if (this.#context.records.get(taskId) !== undefined) return;
    const runtime = this.#runtimeOf(spec.runtime);
    const record: TaskRecord = {
      taskId,
      spec,
      userId,
      runtime: runtime.name,
      status: "starting",
      handle: "",
      startedMs: 0,
      stopRequested: false,
    };
    this.#context.records.save(record);
    this.#execute(record, runtime, undefined, { runtime, hasLeft: false });
  }

  /** Reads an adopted run, and resolves at its end, or when the worker closes. Never throws. */
  async readAdopted(record: TaskRecord, source: RunSource): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#execute(record, source, record.handle);
    await this.#running.get(record.taskId)?.done;
  }

  /** Does nothing for an adopted container, which tasklog never touches. */
  async resizeTerminal(taskId: string, rows: number, columns: number): Promise<void> {
    await this.#running.get(taskId)?.execution.resizeTerminal(rows, columns);
  }

  /**
   * Returns false when this worker has no such task. A task that is done is left as it is. Throws "not_permitted" for one
   * of an adopted container.
   */
  stopTask(taskId: string, force: boolean): boolean {
    const { records } = this.#context;
    const adopted = records.get(taskId)?.adopted;
    if (adopted !== undefined) {
      throw new TasklogError(
        "not_permitted",
        `${adopted.container} is an adopted container, which tasklog never touches`,
      );
    }
    const running = this.#running.get(taskId);
    running?.execution.stop("cancelled", force);
    const record = records.get(taskId);
    // One that waits for its engine to be taken over is not asked to stop again: the wish is kept for it.
    if (record !== undefined && running === undefined && !isFinal(record.status))
      records.save({ ...record, stopRequested: true });
    return record !== undefined;
  }

  /**
   * Reports every task this worker knows and takes up again those that have not ended. Resolves when the runs that it
   * has are known, or its runtimes have not answered for `resumeWaitMs`: then that goes on by itself.
   */
  async resume(): Promise<void> {
    const byAge = this.#context.records.all().sort((a, b) => a.startedMs - b.startedMs);
    // An adopted run that waits for the end of the one before it is not told of yet: their names are the same.
    for (const record of byAge) if (record.status !== "pending") this.#context.reports.set(toReport(record));
    const known = new Set<string>(this.#runtimes.map(({ name }) => name));
    for (const { taskId, runtime } of this.#context.records
      .open()
      .filter((each) => !known.has(each.runtime) && each.adopted === undefined)) {
      this.#context.logger.warn(
        `${taskId} runs with the ${runtime} runtime, which this worker was started without: nobody reads it until it is started with --runtime ${runtime} again`,
      );
    }
    await atMost(resumeWaitMs, Promise.all(this.#runtimes.map((runtime) => this.#resumeOn(runtime))));
  }

  async #resumeOn(runtime: TaskRuntime): Promise<void> {
    const { records, logger } = this.#context;
    const open = (): TaskRecord[] => records.open().filter((record) => record.runtime === runtime.name);
    const all = await this.#find(runtime, open().length > 0);
    if (all === undefined) return;
    const found = all.filter((run) => this.#isOurs(run));
    const runs = new Map(found.filter((run) => run.wasStarted).map((run) => [run.taskId, run]));
    const leftOver = new Set(found.filter((run) => !run.wasStarted).map((run) => run.taskId));
    // This reads them again: their stop may have been requested while the engine was waited for.
    for (const record of open()) {
      if (this.#running.has(record.taskId)) continue;
      const handle = runs.get(record.taskId)?.handle ?? (record.handle || undefined);
      logger.info(handle === undefined ? `starting ${record.taskId} anew` : `taking over ${record.taskId}`);
      this.#execute(record, runtime, handle, { runtime, hasLeft: leftOver.has(record.taskId) });
    }
    for (const run of found) {
      if (run.wasStarted && records.get(run.taskId) === undefined) this.#takeUp(runtime, run);
      else void this.#removeLeftOver(runtime, run);
    }
  }

  /** False for a run whose task had another: somebody has given it the name of ours, and it may be in use. */
  #isOurs({ taskId, handle }: FoundRun): boolean {
    const known = this.#context.records.get(taskId)?.handle ?? "";
    if (known === "" || known === handle) return true;
    this.#context.logger.warn(
      `the container ${handle.slice(0, 12)} is named ${taskId} and is not the one of that task: it is left alone`,
    );
    return false;
  }

  /** A run of this worker's that it knows nothing of: its data folder was wiped. Its log begins anew. */
  #takeUp(runtime: TaskRuntime, { taskId, handle, spec, userId = "" }: FoundRun): void {
    if (spec === undefined || !isFolderName(taskId)) return;
    const { records, reports, logger } = this.#context;
    const record: TaskRecord = {
      taskId,
      spec,
      userId,
      runtime: runtime.name,
      status: "running",
      handle,
      startedMs: 0,
      stopRequested: false,
    };
    logger.warn(`taking over ${taskId}, which this data folder does not know: its log begins anew`);
    records.save(record);
    reports.set(toReport(record));
    this.#execute(record, runtime, handle, { runtime, hasLeft: false });
  }

  /**
   * Lists our runs that the engine has. Waits for an engine that does not answer when there are tasks to take over.
   */
  async #find(runtime: TaskRuntime, needed: boolean): Promise<FoundRun[] | undefined> {
    for (;;) {
      try {
        return await runtime.find();
      } catch (error) {
        if (!needed || this.#closing.signal.aborted) return undefined;
        this.#context.logger.warn(TasklogError.from(error).message);
        await sleep(engineRetryMs, this.#closing.signal).catch(() => {});
      }
    }
  }

  /**
   * A run whose task is complete: the worker ended between the last byte and the removal. Or one that nobody knew to run:
   * the task was cancelled while its engine was away. Or one that was never started, of a task that nobody knows.
   */
  async #removeLeftOver(runtime: TaskRuntime, run: FoundRun): Promise<void> {
    const record = this.#context.records.get(run.taskId);
    if (record !== undefined && !isFinal(record.status)) return;
    if (record?.handle === run.handle && (record.spec.keep || run.running)) return;
    await runtime.remove(run.handle).catch((error) => {
      this.#context.logger.warn(
        `cannot remove the container of ${run.taskId}: ${TasklogError.from(error).message}`,
      );
    });
  }

  /** `starting`: undefined for an adopted run, which is only read. */
  #execute(record: TaskRecord, source: RunSource, handle: string | undefined, starting?: Starting): void {
    const execution = new TaskExecution(record, source, this.#context, starting);
    const done = execution.execute(handle).finally(() => this.#running.delete(record.taskId));
    this.#running.set(record.taskId, { execution, done, isAdopted: record.adopted !== undefined });
  }

  #runtimeOf(name: string): TaskRuntime {
    const runtime = name === "" ? this.#runtimes[0] : this.#runtimes.find((known) => known.name === name);
    if (runtime === undefined) {
      const known = this.#runtimes.map((each) => each.name).join(", ");
      throw new TasklogError("invalid", `this worker has no runtime ${name}: it has ${known}`);
    }
    return runtime;
  }

  /** Ends all reading; runs go on where their runtime can keep them. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { execution } of this.#running.values()) execution.close();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }
}
