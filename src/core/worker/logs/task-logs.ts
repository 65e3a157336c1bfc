// The segment logs of a worker, one instance for each folder, so that the task that writes and the readers of the
// past see the same file positions. A log stays open while its task runs; of those that are done the most recently
// read ones do.
import { join } from "node:path";
import { finishedLogsOpenMax } from "../../base/limits.ts";
import { SegmentLog, type SegmentLogOptions } from "../../log/segments/segment-log.ts";

/** The folder of the logs in the data folder: one folder for each task. */
export const logsFolder = "logs";

/** True if a task of this id can have a log here: what comes from outside must not lead out of the data folder. */
export function isFolderName(taskId: string): boolean {
  return /^\w[\w.-]{0,127}$/.test(taskId);
}

/** Called with the system's words when the disk of a log begins to fail, and with undefined when it works again. */
export type OnDisk = (trouble: string | undefined) => void;

export class TaskLogs {
  readonly #folder: string;
  readonly #options: SegmentLogOptions;
  /** The open logs in order of last use. */
  readonly #open = new Map<string, Promise<SegmentLog>>();
  readonly #pins = new Map<string, number>();
  readonly #onDisk = new Map<string, OnDisk>();

  constructor(dataDir: string, options: Omit<SegmentLogOptions, "onTrouble" | "onRecovered">) {
    this.#folder = join(dataDir, logsFolder);
    this.#options = options;
  }

  dirOf(taskId: string): string {
    return join(this.#folder, taskId);
  }

  /** The log of a task, kept open until as many `release`s. */
  pin(taskId: string, onDisk?: OnDisk): Promise<SegmentLog> {
    if (onDisk !== undefined) this.#onDisk.set(taskId, onDisk);
    this.#pins.set(taskId, (this.#pins.get(taskId) ?? 0) + 1);
    return this.open(taskId);
  }

  release(taskId: string): void {
    const left = (this.#pins.get(taskId) ?? 1) - 1;
    if (left > 0) {
      this.#pins.set(taskId, left);
    } else {
      this.#pins.delete(taskId);
      this.#onDisk.delete(taskId);
    }
    this.#closeOldest();
  }

  open(taskId: string): Promise<SegmentLog> {
    const log = this.#open.get(taskId) ?? this.#openLog(taskId);
    this.#open.delete(taskId);
    this.#open.set(taskId, log);
    log.catch(() => this.#open.delete(taskId));
    this.#closeOldest();
    return log;
  }

  #openLog(taskId: string): Promise<SegmentLog> {
    return SegmentLog.open(this.dirOf(taskId), {
      ...this.#options,
      onTrouble: (message) => this.#onDisk.get(taskId)?.(message),
      onRecovered: () => this.#onDisk.get(taskId)?.(undefined),
    });
  }

  #closeOldest(): void {
    for (const [taskId, log] of this.#open) {
      if (this.#open.size - this.#pins.size <= finishedLogsOpenMax) return;
      if (this.#pins.has(taskId)) continue;
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
