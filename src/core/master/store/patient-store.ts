// A store that outlives a full or failing disk. What has happened to a task has happened whether or not it can be written
// down: `noteTask` holds it in memory then, shows it to readers, and writes it as soon as there is room. What is only
// decided here (a new task, the place of one) is written first or refused, as in any store: else a crash could repeat it.

import { TasklogError } from "../../base/errors.ts";
import { storeRetryMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { startTimer, type Timer } from "../../base/wait.ts";
import type { WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";
import type { KeyValue, MasterStore, StoredTask, TaskFilter } from "./master-store.ts";

export class PatientStore implements MasterStore {
  readonly #store: MasterStore;
  readonly #logger: Logger;
  readonly #tasks = new Map<string, StoredTask>();
  readonly #workers = new Map<string, WorkerInfo>();
  #retry: Timer | undefined;

  constructor(store: MasterStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  get masterId(): string {
    return this.#store.masterId;
  }

  async insertTask(task: StoredTask): Promise<StoredTask> {
    return this.#shown(await this.#store.insertTask(task).catch(refused));
  }

  async updateTask(task: StoredTask): Promise<void> {
    await this.#store.updateTask(task).catch(refused);
    this.#tasks.delete(task.id);
  }

  /** Does what `updateTask` does, later if need be. Does not fail for the disk's sake. */
  async noteTask(task: StoredTask): Promise<void> {
    try {
      await this.updateTask(task);
    } catch (error) {
      this.#tasks.set(task.id, task);
      this.#wait(error);
    }
  }

  async saveWorker(worker: WorkerInfo): Promise<void> {
    try {
      await this.#store.saveWorker(worker);
      this.#workers.delete(worker.id);
    } catch (error) {
      this.#workers.set(worker.id, worker);
      this.#wait(error);
    }
  }

  async getTask(id: string): Promise<StoredTask | undefined> {
    return this.#tasks.get(id) ?? (await this.#store.getTask(id));
  }

  async taskNamed(name: string): Promise<StoredTask | undefined> {
    const task = await this.#store.taskNamed(name);
    return task && this.#shown(task);
  }

  async taskBefore(id: string): Promise<StoredTask | undefined> {
    const task = await this.#store.taskBefore(id);
    return task && this.#shown(task);
  }

  async tasksWithPrefix(prefix: string, limit: number): Promise<StoredTask[]> {
    return (await this.#store.tasksWithPrefix(prefix, limit)).map((task) => this.#shown(task));
  }

  /** Filters by what is written; what is held is shown as it is. */
  async listTasks(filter: TaskFilter): Promise<StoredTask[]> {
    return (await this.#store.listTasks(filter)).map((task) => this.#shown(task));
  }

  unfinishedTasks(): Promise<StoredTask[]> {
    return this.#store.unfinishedTasks();
  }

  listWorkers(): Promise<WorkerInfo[]> {
    return this.#store.listWorkers();
  }

  keyValue(owner: string): KeyValue {
    return this.#store.keyValue(owner);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#retry?.stop();
    await this.#writeHeld().catch((error: unknown) =>
      this.#logger.error(`${this.#tasks.size} tasks are not up to date in the store: ${error}`),
    );
    await this.#store[Symbol.asyncDispose]();
  }

  #shown(task: StoredTask): StoredTask {
    return this.#tasks.get(task.id) ?? task;
  }

  #wait(error: unknown): void {
    if (this.#retry !== undefined) return;
    const { message } = TasklogError.from(error);
    this.#logger.warn(`${message}; changes of tasks are kept in memory until the store can be written`);
    this.#tryLater();
  }

  #tryLater(): void {
    this.#retry = startTimer(() => {
      this.#writeHeld().then(
        () => {
          this.#retry = undefined;
          this.#logger.info("the store can be written again");
        },
        () => this.#tryLater(),
      );
    }, storeRetryMs).unref();
  }

  async #writeHeld(): Promise<void> {
    for (const task of [...this.#tasks.values()]) {
      await this.#store.updateTask(task);
      if (this.#tasks.get(task.id) === task) this.#tasks.delete(task.id);
    }
    for (const worker of [...this.#workers.values()]) {
      await this.#store.saveWorker(worker);
      if (this.#workers.get(worker.id) === worker) this.#workers.delete(worker.id);
    }
  }
}

function refused(error: unknown): never {
  if (error instanceof TasklogError) throw error;
  const { message } = TasklogError.from(error);
  throw new TasklogError(
    "exhausted",
    `the master cannot write to its data folder (${message}): make room there and try again`,
    { cause: error },
  );
}
