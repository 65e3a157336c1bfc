// One task's live log on the master: a broadcaster that is fed by one StreamLogs call to the worker, however many
// look. The stream is always read, at once, into the ring; what a viewer is behind on comes from the worker's
// history at the viewer's pace. It resumes at the next seq after a lost connection.
//
// Only for tasks that run: a finished task's log is read without it.

import { doubledMs } from "../../base/back-off.ts";
import { Change, nextChange } from "../../base/change.ts";
import { TasklogError } from "../../base/errors.ts";
import { reconnectMaxMs } from "../../base/limits.ts";
import type { Completion, LogItem, LogStart, LogStatus } from "../../log/log-item.ts";
import { TaskLogBroadcaster } from "../../log/task-log-broadcaster.ts";
import type { StoredTask } from "../store/master-store.ts";
import type { TaskBook } from "../tasks/task-book.ts";
import type { ConnectedWorker, Workers } from "../workers/workers.ts";
import { WorkerHistory } from "./worker-history.ts";

/** First pause before a broken stream is asked for again, and how long a completion waits for its report, in ms. */
const retryMinMs = 20;
const reportWaitMs = 1_000;

export interface RelayOptions {
  book: TaskBook;
  workers: Workers;
  ringLinesMax?: number | undefined;
  ringBytesMax?: number | undefined;
  batchLinesMax?: number | undefined;
}

/** The log as one epoch names it. `ended` aborts when the worker has begun another one under the same numbers. */
export interface RelayedLog {
  readonly broadcaster: TaskLogBroadcaster;
  readonly ended: AbortSignal;
}

export class TaskRelay {
  /** Undefined until the worker's stream has begun. */
  log: RelayedLog | undefined;
  /** The reason why there is no stream now; empty while there is one, or one is coming. */
  waiting = "";
  /** Fires when `log` or `waiting` changes. */
  readonly changed = new Change();
  readonly #taskId: string;
  readonly #workerId: string;
  readonly #options: RelayOptions;
  readonly #stop = new AbortController();
  #ended = new AbortController();

  constructor({ id, workerId }: StoredTask, options: RelayOptions) {
    this.#taskId = id;
    this.#workerId = workerId;
    this.#options = options;
  }

  /** Resolves when the task is complete or `stop` was called. Never throws. */
  async run(): Promise<void> {
    const { book, workers } = this.#options;
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      if (book.peek(this.#taskId) === undefined) {
        await this.#endWithoutStream();
        return;
      }
      const worker = workers.get(this.#workerId);
      if (worker === undefined) {
        this.#wait(workers.absence(this.#workerId));
        await nextChange([workers.changed, book.changeOf(this.#taskId)], this.#stop.signal);
        continue;
      }
      const seen = this.log?.broadcaster.nextSeq;
      if (await this.#follow(worker)) return;
      failures = this.log?.broadcaster.nextSeq === seen ? failures + 1 : 0;
      const pauseMs = doubledMs(failures, retryMinMs, reconnectMaxMs);
      await nextChange([workers.changed, book.changeOf(this.#taskId)], this.#stop.signal, pauseMs);
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Reads one StreamLogs call to its end. True: the task is complete. */
  async #follow({ client, compress }: ConnectedWorker): Promise<boolean> {
    const known = this.log?.broadcaster;
    const request = {
      taskId: this.#taskId,
      fromSeq: known?.nextSeq ?? 0,
      epoch: known?.epoch ?? "",
      compress,
    };
    try {
      for await (const item of client.streamLogs(request, this.#stop.signal)) {
        if (item.kind === "complete") {
          await this.#complete(item.completion);
          return true;
        }
        this.#take(item);
      }
    } catch (error) {
      const { code, message } = TasklogError.from(error);
      // Not found: the worker is about to begin the log.
      if (code !== "unavailable" && code !== "not_found")
        this.#wait(`the worker's stream has stopped (${message}), asking again`);
    }
    return false;
  }

  #take(item: Exclude<LogItem, { kind: "complete" }>): void {
    if (item.kind === "start") {
      this.#begin(item);
      return;
    }
    const broadcaster = this.log?.broadcaster;
    if (broadcaster === undefined) throw new TasklogError("internal", "the worker's stream has no beginning");
    if (item.kind === "batch") broadcaster.publishNumbered(item.batch);
    else if (item.kind === "gap") broadcaster.skipTo(item.toSeq + 1);
    else if (item.kind === "status") this.#takeStatus(broadcaster, item);
    else broadcaster.setPartial(item);
  }

  /** A worker's log is pending until its task does something; for viewers the task is starting by then. */
  #takeStatus(broadcaster: TaskLogBroadcaster, status: LogStatus): void {
    if (status.status === "pending" || status.status === "unspecified") {
      const known = this.#options.book.peek(this.#taskId)?.status ?? "starting";
      broadcaster.setStatus({ ...status, status: known });
    } else {
      broadcaster.setStatus(status);
    }
  }

  #begin({ epoch, firstSeq }: LogStart): void {
    this.waiting = "";
    if (this.log?.broadcaster.epoch === epoch) return;
    const { workers, ringLinesMax, ringBytesMax, batchLinesMax } = this.#options;
    this.#ended.abort();
    this.#ended = new AbortController();
    const broadcaster = new TaskLogBroadcaster({
      taskId: this.#taskId,
      epoch,
      firstSeq,
      history: new WorkerHistory(workers, this.#taskId, this.#workerId),
      ...(ringLinesMax !== undefined && { ringLinesMax }),
      ...(ringBytesMax !== undefined && { ringBytesMax }),
      ...(batchLinesMax !== undefined && { batchLinesMax }),
    });
    this.#takeStatus(broadcaster, broadcaster.status);
    this.log = { broadcaster, ended: this.#ended.signal };
    this.changed.notify();
  }

  #wait(detail: string): void {
    if (this.waiting === detail) return;
    this.waiting = detail;
    const broadcaster = this.log?.broadcaster;
    broadcaster?.setStatus({ ...broadcaster.status, detail, progress: undefined });
    this.changed.notify();
  }

  /**
   * The book is complete first, so that who has seen the end of a stream finds the task finished. The worker's
   * report is on its way beside its stream and knows more; it is waited for a moment.
   */
  async #complete(completion: Completion): Promise<void> {
    const { book } = this.#options;
    const deadline = performance.now() + reportWaitMs;
    for (let leftMs = reportWaitMs; leftMs > 0 && this.#isOpen(); leftMs = deadline - performance.now()) {
      await nextChange([book.changeOf(this.#taskId)], this.#stop.signal, leftMs);
    }
    if (this.#isOpen()) await book.complete(this.#taskId, completion);
    this.log?.broadcaster.complete(completion);
  }

  #isOpen(): boolean {
    return this.#options.book.peek(this.#taskId) !== undefined && !this.#stop.signal.aborted;
  }

  /**
   * The task has ended without its stream. Its viewers read on as in any finished log; but where the worker itself
   * is lost there is nothing to read, and what came is all there is.
   */
  async #endWithoutStream(): Promise<void> {
    const task = await this.#options.book.find(this.#taskId).catch(() => undefined);
    const broadcaster = this.log?.broadcaster;
    // A worker that has lost sight of a task tells how far its log goes, and that there is a gap at the end of it.
    const isWorkerLost = task?.completion?.status === "lost" && task.completion.lastSeq === 0;
    if (task?.completion !== undefined && isWorkerLost && broadcaster !== undefined) {
      broadcaster.complete({ ...task.completion, lastSeq: broadcaster.nextSeq - 1 });
    } else {
      this.#ended.abort();
    }
    this.changed.notify();
  }
}
