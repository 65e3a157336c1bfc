// The state that the master must not forget: tasks, workers, and what plugins ask it to keep. One interface, so that
// several masters can one day share a PostgreSQL; every implementation passes
// test/core/master/store/store-contract.ts. A task's lines never come here: they are on its worker's disk.
import type { TaskStatus } from "../../log/log-item.ts";
import type { Task, TaskSpec, WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";

/** A task as clients see it, and what only the master needs to know of it. */
export interface StoredTask extends Task {
  spec: TaskSpec;
  /** Given by the client, so that a repeated submit makes one task; empty: none. */
  requestId: string;
  /** The cancel that was asked for shall not wait for the stop time-out. */
  cancelForce: boolean;
  /** Its worker has said that it has it. */
  delivered: boolean;
}

export interface TaskFilter {
  /** Empty or absent: all. */
  status?: readonly TaskStatus[];
  userId?: string;
  /** Name or id. */
  worker?: string;
  /** `key` or `key=value`; all of them must be met. */
  labels?: readonly string[];
  /** Newest first; 0 or absent: all. */
  limit?: number;
  /** Lists only tasks submitted before the task with this id; none when there is no such task. */
  before?: string;
}

/** A durable place for small values, one for each plugin. */
export interface KeyValue {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  /** Lists the entries in the order of their keys. */
  list(prefix?: string): Promise<Array<{ key: string; value: string }>>;
}

export interface MasterStore extends AsyncDisposable {
  /** Random, made once for each store. */
  readonly masterId: string;

  /**
   * Adds a task behind all others. Returns the stored one: an earlier one if its user submitted this `requestId`
   * before. Throws `already_exists` when an unfinished task has the name.
   */
  insertTask(task: StoredTask): Promise<StoredTask>;
  /** Replaces all of a task but its spec, its user and its place in the order. */
  updateTask(task: StoredTask): Promise<void>;
  getTask(id: string): Promise<StoredTask | undefined>;
  /** The newest task of that name. */
  taskNamed(name: string): Promise<StoredTask | undefined>;
  /** The newest task of the same name that came before this one; undefined for a task without a name. */
  taskBefore(id: string): Promise<StoredTask | undefined>;
  /** Newest first, at most `limit`. `prefix` is `task-…`. */
  tasksWithPrefix(prefix: string, limit: number): Promise<StoredTask[]>;
  /** Newest first. */
  listTasks(filter: TaskFilter): Promise<StoredTask[]>;
  /** Pending, starting and running, in the order of their submission. */
  unfinishedTasks(): Promise<StoredTask[]>;

  saveWorker(worker: WorkerInfo): Promise<void>;
  /** Lists the workers by name. None of them is marked as connected. */
  listWorkers(): Promise<WorkerInfo[]>;

  keyValue(owner: string): KeyValue;
}
