// The segment logs of a worker, one instance for each folder, so that the task that writes and the readers of the
// past see the same file positions. A log stays open while its task runs; of those that are done the most recently
// read ones do.
import { join } from "node:path";
import { finishedLogsOpenMax } from "../limits.ts";
import { SegmentLog, type SegmentLogOptions } from "../log/segments/segment-log.ts";

export class TaskLogs {
  readonly #folder: string;
  readonly #options: SegmentLogOptions;
  /** In order of last use. */
  readonly #open = new Map<string, Promise<SegmentLog>>();
  readonly #pinned = new Set<string>();

  constructor(dataDir: string, options: SegmentLogOptions) {
    this.#folder = join(dataDir, "logs");
    this.#options = options;
  }

  /** The log of a task that is about to run; stays open until `release`. */
  pin(taskId: string): Promise<SegmentLog> {
    this.#pinned.add(taskId);
    return this.open(taskId);
  }

  release(taskId: string): void {
    this.#pinned.delete(taskId);
    this.#closeOldest();
  }

  open(taskId: string): Promise<SegmentLog> {
    const log = this.#open.get(taskId) ?? SegmentLog.open(join(this.#folder, taskId), this.#options);
    this.#open.delete(taskId);
    this.#open.set(taskId, log);
    log.catch(() => this.#open.delete(taskId));
    this.#closeOldest();
    return log;
  }

  #closeOldest(): void {
    for (const [taskId, log] of this.#open) {
      if (this.#open.size - this.#pinned.size <= finishedLogsOpenMax) return;
      if (this.#pinned.has(taskId)) continue;
      this.#open.delete(taskId);
      void log.then((open) => open.close()).catch(() => {});
    }
  }

  async close(): Promise<void> {
    const logs = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(logs.map(async (log) => (await log).close()));
  }
}
