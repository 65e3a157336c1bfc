// One viewer's way through a task's log, whatever becomes of the task meanwhile: it waits while the task has no
// worker, reads the relay while it runs, and the worker's history when it is finished. It is a cursor: after each
// change it goes on at the seq it has come to, so that no line comes twice or not at all, and `complete` is the last.

import { nextChange } from "../../base/change.ts";
import { TasklogError } from "../../base/errors.ts";
import { nextTurn } from "../../base/wait.ts";
import type { LogItem } from "../../log/log-item.ts";
import { SeqCursor } from "../../log/seq-cursor.ts";
import type { From, TaskLogBroadcaster } from "../../log/task-log-broadcaster.ts";
import type { StoredTask } from "../store/master-store.ts";
import type { TaskBook } from "../tasks/task-book.ts";
import type { Workers } from "../workers/workers.ts";
import { hasNoLines, openFinishedLog } from "./finished-log.ts";
import type { Relays } from "./relays.ts";

/** Between two tries to read a past that could not be read, in ms. */
const retryMs = 500;

export interface ReaderParts {
  book: TaskBook;
  workers: Workers;
  relays: Relays;
  /** The largest batch for a viewer, in lines. */
  batchLinesMax?: number | undefined;
}

export interface ReaderOptions {
  from: From;
  follow: boolean;
  epoch: string;
}

export class TaskLogReader {
  readonly #cursor: SeqCursor;
  readonly #parts: ReaderParts;
  readonly #taskId: string;
  readonly #from: From;
  readonly #follow: boolean;
  readonly #signal: AbortSignal;
  #told = "";

  constructor(
    parts: ReaderParts,
    taskId: string,
    { from, follow, epoch }: ReaderOptions,
    signal: AbortSignal,
  ) {
    this.#parts = parts;
    this.#taskId = taskId;
    this.#from = from;
    this.#follow = follow;
    this.#cursor = new SeqCursor({ epoch });
    this.#signal = signal;
  }

  /** The seq that comes next; 0 until the first `start`. */
  get nextSeq(): number {
    return this.#cursor.nextSeq;
  }

  get epoch(): string {
    return this.#cursor.epoch;
  }

  /** Ends after `complete`, at the end of what there is (without follow), or by abort. */
  async *items(): AsyncGenerator<LogItem> {
    try {
      yield* this.#items();
    } catch (error) {
      // A read of the past that was waited for when the viewer left.
      if (!this.#signal.aborted) throw error;
    }
  }

  async *#items(): AsyncGenerator<LogItem> {
    const { book, workers } = this.#parts;
    for (let turn = 0; !this.#signal.aborted; turn++) {
      // Whatever is found below, nobody else waits for it.
      if (turn > 0) await nextTurn();
      const task = book.peek(this.#taskId);
      if (task === undefined) {
        const found = await book.find(this.#taskId);
        // It may have come back between the two questions: one that was lost does.
        if (book.peek(found.id) === undefined) return yield* this.#finished(found);
        continue;
      }
      if (task.delivered) {
        if (yield* this.#live(task)) return;
        continue;
      }
      const isAway = task.workerId !== "" && workers.get(task.workerId) === undefined;
      yield* this.#tell(task, isAway ? workers.absence(task.workerId) : task.detail);
      if (!this.#follow) return;
      if (book.peek(task.id) !== task) continue;
      await nextChange([book.changeOf(task.id), workers.changed], this.#signal);
    }
  }

  /** Yields the items of a running task from its relay. True: the viewer has had all it asked for. */
  async *#live(task: StoredTask): AsyncGenerator<LogItem, boolean> {
    const { book, relays } = this.#parts;
    using lease = relays.acquire(task);
    const { relay } = lease;
    while (relay.log === undefined) {
      const { waiting } = relay;
      if (this.#signal.aborted) return true;
      if (book.peek(task.id) === undefined) return false;
      if (!this.#follow && waiting !== "") throw new TasklogError("unavailable", waiting);
      yield* this.#tell(task, waiting);
      if (relay.log !== undefined || relay.waiting !== waiting || book.peek(task.id) === undefined) continue;
      await nextChange([relay.changed, book.changeOf(task.id)], this.#signal);
    }
    const { broadcaster, ended } = relay.log;
    try {
      const signal = AbortSignal.any([this.#signal, ended]);
      const from = this.#next(broadcaster.epoch);
      return (yield* this.#read(broadcaster, from, this.#follow, signal)) || !ended.aborted;
    } catch (thrown) {
      const error = TasklogError.from(thrown);
      if (this.#signal.aborted) return true;
      if (error.code !== "unavailable" || !this.#follow) throw error;
      yield* this.#tell(task, error.message);
    }
    await nextChange([this.#parts.workers.changed, book.changeOf(task.id)], this.#signal, retryMs);
    return false;
  }

  /** Yields the items of a finished task from its worker's history, to the completion. */
  async *#finished(task: StoredTask): AsyncGenerator<LogItem> {
    const place = { from: this.#next(""), epoch: this.epoch };
    const broadcaster = await openFinishedLog(this.#parts, task, place, this.#signal);
    const from = hasNoLines(task) ? ({ all: true } as const) : this.#next(broadcaster.epoch);
    yield* this.#read(broadcaster, from, true, this.#signal);
  }

  /** Reads one broadcaster from `from` on. Gives true where the completion has come. */
  async *#read(
    broadcaster: TaskLogBroadcaster,
    from: From,
    follow: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<LogItem, boolean> {
    for await (const item of broadcaster.subscribe({ from, follow, epoch: this.epoch, signal })) {
      // A viewer that goes on is not told again where it is.
      const isNews = item.kind !== "start" || this.#cursor.isNews(item);
      this.#cursor.note(item);
      if (item.kind === "status") this.#told = `${item.status} ${item.detail}`;
      if (isNews) yield item;
      if (item.kind === "complete") return true;
    }
    return false;
  }

  /** The place to go on from. In a log that was begun anew the numbers mean nothing, but a time is still a time. */
  #next(epoch: string): From {
    const isAnew = "sinceTime" in this.#from && this.#cursor.isOther(epoch);
    return this.nextSeq === 0 || isAnew ? this.#from : { fromSeq: this.nextSeq };
  }

  /** Tells the status of a task that has no log yet, unless it was told. */
  *#tell({ status }: StoredTask, detail: string): Generator<LogItem> {
    if (this.#told === `${status} ${detail}`) return;
    this.#told = `${status} ${detail}`;
    yield { kind: "status", status, detail, progress: undefined };
  }
}
