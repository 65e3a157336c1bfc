// All logs of a process: one broadcaster for each task that runs, and a way to the logs of those that are done.
// A running task and one that finished a year ago are read by the same call.
import { TasklogError } from "../base/errors.ts";
import type { LogItem } from "./log-item.ts";
import {
  type BroadcasterOptions,
  type SubscribeOptions,
  TaskLogBroadcaster,
} from "./task-log-broadcaster.ts";

/** Gives the log of a task that is done, as a broadcaster that is complete; undefined when there is none. */
export type OpenFinished = (taskId: string) => Promise<TaskLogBroadcaster | undefined>;

export class LogStreamManager {
  readonly #running = new Map<string, TaskLogBroadcaster>();
  readonly #openFinished: OpenFinished;

  constructor(openFinished: OpenFinished) {
    this.#openFinished = openFinished;
  }

  /** Begins the log of a task. Throws `already_exists` when it has one. */
  startTask(options: BroadcasterOptions): TaskLogBroadcaster {
    if (this.#running.has(options.taskId)) {
      throw new TasklogError("already_exists", `the log of ${options.taskId} is being written already`);
    }
    const broadcaster = new TaskLogBroadcaster(options);
    this.#running.set(options.taskId, broadcaster);
    return broadcaster;
  }

  /** Lets go of a task that is complete. Its subscribers read on to the end; new ones get the finished log. */
  stopTask(taskId: string): void {
    this.#running.delete(taskId);
  }

  /** The log of a task, running or done. Throws `not_found`. */
  async open(taskId: string): Promise<TaskLogBroadcaster> {
    const broadcaster = this.#running.get(taskId) ?? (await this.#openFinished(taskId));
    if (broadcaster === undefined) throw new TasklogError("not_found", `there is no log of ${taskId} here`);
    return broadcaster;
  }

  /** The items of a task's log from a cursor on. Throws `not_found` at the first `next()`. */
  async *subscribe(taskId: string, options: SubscribeOptions): AsyncGenerator<LogItem> {
    const broadcaster = await this.open(taskId);
    yield* broadcaster.subscribe(options);
  }
}
