// All that happens to a task on the master, one step after the other: each is written to the store before anybody
// sees it (on a disk that is full, held by it), then shown to those who wait for the task, then told as an event. Unfinished tasks are kept in memory
// as well; the store has all of them.
//
// It asks no worker for anything: dispatch.ts brings what is written here to the workers.

import { Change } from "../../base/change.ts";
import { TasklogError } from "../../base/errors.ts";
import { storeRetryMs } from "../../base/limits.ts";
import { Turns } from "../../base/turns.ts";
import { startTimer, type Timer } from "../../base/wait.ts";
import { type Completion, isFinal } from "../../log/log-item.ts";
import type { Task, TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import type { TaskReport } from "../../rpc/gen/tasklog/v1/worker.ts";
import type { StoredTask, TaskFilter } from "../store/master-store.ts";
import type { PatientStore } from "../store/patient-store.ts";
import { insertAdopted, refuseToTouch } from "./adopted-tasks.ts";
import { validateSpec } from "./check-spec.ts";
import type { MasterEvents } from "./events.ts";
import { PendingBounds } from "./pending-bounds.ts";
import { PendingQueue } from "./pending-queue.ts";
import { adoptedTask, isSameButDetail, looksTheSame, newTask, takenFrom } from "./task-changes.ts";
import { emptyCompletion } from "./task-completions.ts";
import { findPrevious, findTask } from "./task-ids.ts";
import { taskSummary } from "./task-summary.ts";

/** The most labels that a list may be narrowed by. */
const labelsAskedMax = 64;
/** The number of tasks that are read from the store at once for a list: their specifications are whole there. */
const listStepTasks = 50;

export interface Submission {
  spec: TaskSpec;
  userId: string;
  /** The same one twice from one user is one task; empty: none. */
  requestId: string;
}

export class TaskBook {
  readonly #store: PatientStore;
  readonly #events: MasterEvents;
  /** Unfinished, in the order of their submission. */
  readonly #unfinished = new Map<string, StoredTask>();
  /** The unfinished ones that have a worker. */
  readonly #placed = new Map<string, StoredTask>();
  /** Those that wait for one. */
  readonly queue = new PendingQueue();
  readonly #changes = new Map<string, Change>();
  /** Any task has changed in a way that concerns scheduling or delivery. */
  readonly changed = new Change();
  /** Adopted tasks that the disk has not taken yet. */
  readonly #unwritten = new Map<string, Timer>();
  readonly #pending = new PendingBounds();
  readonly #turns = new Turns();

  private constructor(store: PatientStore, events: MasterEvents) {
    this.#store = store;
    this.#events = events;
  }

  static async load(store: PatientStore, events: MasterEvents): Promise<TaskBook> {
    const book = new TaskBook(store, events);
    for (const task of await store.unfinishedTasks()) {
      book.#note(task);
    }
    return book;
  }

  /** Returns an unfinished task at once; undefined for all others. */
  peek(id: string): StoredTask | undefined {
    return this.#unfinished.get(id);
  }

  /** Unfinished tasks in the order of their submission. */
  unfinished(): Iterable<StoredTask> {
    return this.#unfinished.values();
  }

  /** Unfinished tasks that have a worker: so many as there are slots, and those that were adopted. */
  placed(): Iterable<StoredTask> {
    return this.#placed.values();
  }

  /** Notified when that unfinished task changes; of another it never is. */
  changeOf(id: string): Change {
    if (!this.#unfinished.has(id)) return new Change();
    const change = this.#changes.get(id) ?? new Change();
    this.#changes.set(id, change);
    return change;
  }

  /**
   * Finds a task by id, name or unique prefix; with `previous`, so many runs of the same name before that one.
   * @throws TasklogError "not_found", "ambiguous"
   */
  async find(ref: string, previous = 0): Promise<StoredTask> {
    const named = this.#unfinished.get(ref) ?? (await findTask(this.#store, ref));
    const task = previous === 0 ? named : await findPrevious(this.#store, named, previous);
    return this.#unfinished.get(task.id) ?? task;
  }

  /** Summaries: `find` gives the whole of one. */
  async list(filter: TaskFilter): Promise<StoredTask[]> {
    const { labels = [] } = filter;
    if (labels.length > labelsAskedMax) {
      throw new TasklogError(
        "invalid",
        `a list is narrowed by ${labelsAskedMax} labels at most, not by ${labels.length}`,
      );
    }
    const status = [...new Set(filter.status)];
    const limit = filter.limit || Number.MAX_SAFE_INTEGER;
    const listed: StoredTask[] = [];
    let { before } = filter;
    while (listed.length < limit) {
      const step = Math.min(listStepTasks, limit - listed.length);
      const tasks = await this.#store.listTasks({
        ...filter,
        status,
        limit: step,
        ...(before !== undefined && { before }),
      });
      for (const task of tasks) listed.push(taskSummary(this.#unfinished.get(task.id) ?? task));
      before = tasks.at(-1)?.id;
      if (before === undefined || tasks.length === 0) break;
    }
    return listed;
  }

  /** @throws TasklogError "invalid", or "already_exists" when an unfinished task has the name. */
  submit({ spec, userId, requestId }: Submission): Promise<Task> {
    validateSpec(spec);
    return this.#turns.take(async () => {
      const task = newTask(spec, userId, requestId);
      this.#pending.require(task);
      const stored = await this.#store.insertTask(task);
      if (stored.id !== task.id) return this.#unfinished.get(stored.id) ?? stored;
      // This comes first: showing the task makes the scheduler say why it waits.
      this.#events.emit({ kind: "task_created", task: taskSummary(task) });
      this.#show(task);
      return task;
    });
  }

  /**
   * Sets the reason why a pending task waits. It is kept in memory only: after a restart the scheduler finds it out
   * again.
   */
  explain(id: string, detail: string): void {
    const task = this.#unfinished.get(id);
    if (task === undefined || task.detail === detail) return;
    const explained = { ...task, detail };
    this.#note(explained);
    this.changeOf(id).notify();
    this.#tell(explained, task);
  }

  /**
   * Gives a pending task to a worker. False: it is not pending any more.
   * @throws TasklogError "exhausted" when that cannot be written down: unwritten, a restart could give it to another one.
   */
  place(id: string, worker: { id: string; name: string }): Promise<boolean> {
    return this.#turns.take(async () => {
      const task = this.#unfinished.get(id);
      if (task?.status !== "pending") return false;
      const placed: StoredTask = {
        ...task,
        status: "starting",
        detail: "",
        workerId: worker.id,
        workerName: worker.name,
      };
      await this.#store.updateTask(placed);
      this.#show(placed);
      this.#tell(placed, task);
      return true;
    });
  }

  /** The worker has taken the task. */
  markDelivered(id: string): Promise<void> {
    return this.#turns.take(async () => {
      const task = this.#unfinished.get(id);
      if (task !== undefined && !task.delivered) await this.#save({ ...task, delivered: true });
    });
  }

  /** Applies the report of a worker about a task. False: the master has no such task on that worker. */
  report(worker: { id: string; name: string }, report: TaskReport): Promise<boolean> {
    return this.#turns.take(async () => {
      const known = this.#unfinished.get(report.taskId) ?? (await this.#store.getTask(report.taskId));
      const task = known ?? (await this.#adopt(worker, report));
      if (task?.workerId !== worker.id) return false;
      // A task that was given up for lost may still become what it really is; any other end is the end.
      if (isFinal(task.status) && (task.status !== "lost" || report.completion?.status === "lost"))
        return true;
      if (report.completion !== undefined) {
        await this.#finish({ ...task, ...takenFrom(task, report) }, report.completion);
        return true;
      }
      if (report.status !== "starting" && report.status !== "running") return true;
      const detail = report.progress?.message ?? report.detail;
      const next: StoredTask = {
        ...task,
        ...takenFrom(task, report),
        status: report.status,
        detail,
        finishedMs: 0,
        completion: undefined,
      };
      if (isSameButDetail(task, next)) this.explain(task.id, detail);
      else await this.#save(next, task);
      return true;
    });
  }

  /** The task is done. Does nothing when it was already. */
  complete(id: string, completion: Completion): Promise<void> {
    return this.#turns.take(async () => {
      const task = this.#unfinished.get(id);
      if (task !== undefined) await this.#finish(task, completion);
    });
  }

  /** A task that its worker could not take. */
  fail(id: string, error: TasklogError): Promise<void> {
    const completion = emptyCompletion("failed", error.code, error.message);
    return this.complete(id, { ...completion, exitCode: error.exitCode });
  }

  /** Gives up the unfinished tasks of a worker that `isLost` says so of. */
  async lose(
    workerId: string,
    message: string,
    isLost: (task: StoredTask) => boolean = () => true,
  ): Promise<void> {
    for (const task of [...this.#unfinished.values()]) {
      if (task.workerId !== workerId || !isLost(task)) continue;
      await this.complete(task.id, emptyCompletion("lost", "lost", message));
    }
  }

  /**
   * A pending task is cancelled at once; of one that has a worker the wish is written down, for dispatch to bring
   * there. A finished one stays as it is.
   */
  async cancel(ref: string, force: boolean): Promise<Task> {
    const { id } = await this.find(ref);
    return this.#turns.take(async () => {
      const task = this.#unfinished.get(id);
      if (task === undefined) return this.find(id);
      refuseToTouch(task, "stop");
      if (task.status === "pending") {
        return this.#finish(
          task,
          emptyCompletion("cancelled", "cancelled", "cancelled before it was started"),
        );
      }
      return this.#save({ ...task, cancelRequested: true, cancelForce: task.cancelForce || force });
    });
  }

  /** Waits for what is being written. */
  async settle(): Promise<void> {
    for (const timer of this.#unwritten.values()) timer.stop();
    await this.#turns.settled();
  }

  /** A task that nobody submitted here: its worker adopted a container. On a disk that is full it is tried again. */
  async #adopt(worker: { id: string; name: string }, report: TaskReport): Promise<StoredTask | undefined> {
    this.#unwritten.get(report.taskId)?.stop();
    this.#unwritten.delete(report.taskId);
    const reported = adoptedTask(worker, report);
    if (reported === undefined) return undefined;
    try {
      const task = await insertAdopted(this.#store, reported);
      this.#show(task);
      this.#events.emit({ kind: "task_created", task: taskSummary(task) });
      return task;
    } catch (error) {
      if (TasklogError.from(error).code !== "exhausted") throw error;
      const again = startTimer(() => void this.report(worker, report).catch(() => {}), storeRetryMs).unref();
      this.#unwritten.set(report.taskId, again);
      return undefined;
    }
  }

  #finish(task: StoredTask, completion: Completion): Promise<StoredTask> {
    return this.#save({
      ...task,
      status: completion.status,
      detail: completion.message,
      startedMs: completion.startedMs || task.startedMs,
      finishedMs: completion.finishedMs || Date.now(),
      completion,
    });
  }

  async #save(task: StoredTask, before = this.#unfinished.get(task.id)): Promise<StoredTask> {
    await this.#store.noteTask(task);
    this.#show(task);
    this.#tell(task, before);
    return task;
  }

  #tell(told: StoredTask, before: StoredTask | undefined): void {
    const task = taskSummary(told);
    if (isFinal(task.status)) this.#events.emit({ kind: "task_completed", task });
    else if (task.status === "running" && before?.status !== "running") {
      this.#events.emit({ kind: "task_started", task });
    } else if (before === undefined || !looksTheSame(told, before)) {
      this.#events.emit({ kind: "task_changed", task });
    }
  }

  #note(task: StoredTask): void {
    this.#pending.note(task);
    this.queue.note(task);
    const isOver = isFinal(task.status);
    if (isOver) this.#unfinished.delete(task.id);
    else this.#unfinished.set(task.id, task);
    if (isOver || task.status === "pending") this.#placed.delete(task.id);
    else this.#placed.set(task.id, task);
  }

  #show(task: StoredTask): void {
    this.#note(task);
    this.#changes.get(task.id)?.notify();
    if (isFinal(task.status)) this.#changes.delete(task.id);
    this.changed.notify();
  }
}
