// Brings to the workers what the task book says: start this, stop that. Each wish is in the store before it is sent,
// and is sent again after a lost connection or a restart of the master until the worker has it; the worker takes
// the same one twice for one.

import { backoffMs } from "../../base/back-off.ts";
import { nextChange } from "../../base/change.ts";
import { TasklogError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { StoredTask } from "../store/master-store.ts";
import type { TaskBook } from "../tasks/task-book.ts";
import { emptyCompletion } from "../tasks/task-completions.ts";
import type { ConnectedWorker, Workers } from "./workers.ts";

export interface DispatchOptions {
  book: TaskBook;
  workers: Workers;
  logger: Logger;
}

export class Dispatch {
  readonly #options: DispatchOptions;
  /** Tasks that are being brought to their worker now. */
  readonly #busy = new Map<string, Promise<void>>();
  /** The stop that a worker has confirmed, by task: so that it is asked once for each connection and force. */
  readonly #stopped = new Map<string, { worker: ConnectedWorker; force: boolean }>();
  readonly #stop = new AbortController();
  readonly #unlisten: Array<() => void>;

  constructor(options: DispatchOptions) {
    this.#options = options;
    const { book, workers } = options;
    this.#unlisten = [book.changed.listen(() => this.#look()), workers.changed.listen(() => this.#look())];
    this.#look();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const unlisten of this.#unlisten) unlisten();
    await Promise.all(this.#busy.values());
  }

  /** Finds the tasks whose worker is here and does not know yet what is wanted of it. */
  #look(): void {
    for (const task of this.#options.book.placed()) {
      if (this.#busy.has(task.id)) continue;
      const worker = this.#options.workers.get(task.workerId);
      if (worker !== undefined && this.#isWanting(task, worker)) this.#bring(task.id, worker);
    }
    for (const id of this.#stopped.keys()) {
      if (this.#options.book.peek(id) === undefined) this.#stopped.delete(id);
    }
  }

  #isWanting(task: StoredTask, worker: ConnectedWorker): boolean {
    if (!task.delivered) return true;
    if (!task.cancelRequested) return false;
    const asked = this.#stopped.get(task.id);
    return asked?.worker !== worker || (task.cancelForce && !asked.force);
  }

  #bring(id: string, worker: ConnectedWorker): void {
    const work = this.#keepTrying(id, worker).finally(() => {
      this.#busy.delete(id);
      if (!this.#stop.signal.aborted) this.#look();
    });
    this.#busy.set(id, work);
  }

  /** Retries until the worker has the task or its connection is gone: the next connection brings it up again. */
  async #keepTrying(id: string, worker: ConnectedWorker): Promise<void> {
    const { book, workers, logger } = this.#options;
    for (let failures = 0; !this.#stop.signal.aborted; failures++) {
      const task = book.peek(id);
      if (task === undefined || workers.get(task.workerId) !== worker || !this.#isWanting(task, worker))
        return;
      try {
        if (task.cancelRequested) await this.#stopTask(task, worker);
        else await this.#startTask(task, worker);
        continue;
      } catch (error) {
        logger.debug(`${id} did not reach worker ${worker.info.name}: ${TasklogError.from(error).message}`);
      }
      await nextChange([workers.changed], this.#stop.signal, backoffMs(failures));
    }
  }

  async #startTask(task: StoredTask, { client }: ConnectedWorker): Promise<void> {
    const { book } = this.#options;
    try {
      await client.startTask({ taskId: task.id, spec: task.spec, userId: task.userId }, this.#stop.signal);
    } catch (thrown) {
      const error = TasklogError.from(thrown);
      if (error.code === "unavailable" || error.code === "aborted") throw error;
      await book.fail(task.id, error);
      return;
    }
    await book.markDelivered(task.id);
  }

  async #stopTask(task: StoredTask, worker: ConnectedWorker): Promise<void> {
    const force = task.cancelForce;
    const { known } = await worker.client.stopTask({ taskId: task.id, force }, this.#stop.signal);
    if (known) {
      this.#stopped.set(task.id, { worker, force });
      await this.#options.book.markDelivered(task.id);
    } else {
      const message = "cancelled before its worker had it";
      await this.#options.book.complete(task.id, emptyCompletion("cancelled", "cancelled", message));
    }
  }
}
