// One viewer's way through a task's log, whatever becomes of the task meanwhile: it waits while the task has no
// worker, reads the relay while it runs, and the worker's history when it is finished. It is a cursor: after each
// change it goes on at the seq it has come to, so that no line comes twice or not at all, and `complete` is the last.

import { nextChange } from "../../base/change.ts";
import { TasklogError } from "../../base/errors.ts";
import { batchLinesMax } from "../../base/limits.ts";
import { LineBatch } from "../../log/line-batch.ts";
import { type Completion, isFinal, type LogItem, type LogStart } from "../../log/log-item.ts";
import { partsOf } from "../../log/parts.ts";
import type { From } from "../../log/task-log-broadcaster.ts";
import type { StoredTask } from "../store/master-store.ts";
import type { TaskBook } from "../tasks/task-book.ts";
import type { Workers } from "../workers/workers.ts";
import type { Relays } from "./relays.ts";
import { beginningAt, lastSeqOf, linesAndGaps, WorkerHistory } from "./worker-history.ts";

/** Between two tries to read a past that could not be read, in ms. */
const retryMs = 500;

export interface ReaderParts {
  book: TaskBook;
  workers: Workers;
  relays: Relays;
  /** What one batch for a viewer holds at most, in lines. */
  batchLinesMax?: number | undefined;
}

export interface ReaderOptions {
  from: From;
  follow: boolean;
  epoch: string;
}

export class TaskLogReader {
  /** The seq that comes next; undefined until the first `start`. */
  nextSeq: number | undefined;
  epoch: string;
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
    this.epoch = epoch;
    this.#signal = signal;
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
    while (!this.#signal.aborted) {
      const task = book.peek(this.#taskId);
      if (task === undefined) {
        const found = await book.find(this.#taskId);
        if (!isFinal(found.status) || found.completion === undefined) continue;
        yield* this.#finished(found, found.completion);
        return;
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

  /** From the relay. True: the viewer has had all it asked for. */
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
      // In a log that was begun anew the numbers mean nothing, but a time is still a time.
      const isAnew = "sinceTime" in this.#from && this.#isOther(broadcaster.epoch);
      const from = this.nextSeq === undefined || isAnew ? this.#from : { fromSeq: this.nextSeq };
      for await (const item of broadcaster.subscribe({
        from,
        follow: this.#follow,
        epoch: this.epoch,
        signal,
      })) {
        if (this.#note(item)) yield item;
        if (item.kind === "complete") return true;
      }
      return !ended.aborted;
    } catch (thrown) {
      const error = TasklogError.from(thrown);
      if (this.#signal.aborted) return true;
      if (error.code !== "unavailable" || !this.#follow) throw error;
      yield* this.#tell(task, error.message);
    }
    await nextChange([this.#parts.workers.changed, book.changeOf(task.id)], this.#signal, retryMs);
    return false;
  }

  async *#finished(task: StoredTask, completion: Completion): AsyncGenerator<LogItem> {
    if (task.workerId === "" || (completion.lastSeq === 0 && task.status !== "lost")) {
      yield* this.#start({ epoch: this.epoch, nextSeq: 1 }, 1);
    } else {
      yield* this.#past(task, completion);
    }
    if (!this.#signal.aborted) yield { kind: "complete", completion };
  }

  /** By ReadLog alone, at the viewer's pace. */
  async *#past(task: StoredTask, { lastSeq }: Completion): AsyncGenerator<LogItem> {
    const history = new WorkerHistory(this.#parts.workers, task.id, task.workerId, lastSeq);
    const asked = this.nextSeq ?? (await this.#resolve(history, lastSeq));
    let piece = await history.piece(asked, this.#signal);
    let seq = asked;
    if (this.#isOther(piece.epoch))
      seq = "sinceTime" in this.#from ? await this.#resolve(history, lastSeq) : 1;
    yield* this.#start(piece, seq);
    while (!this.#signal.aborted && seq < piece.nextSeq) {
      piece = await history.piece(seq, this.#signal);
      const item = linesAndGaps(piece).find((found) => lastSeqOf(found) >= seq);
      if (item === undefined) break;
      for (const part of this.#parted(beginningAt(seq, item))) {
        this.#note(part);
        yield part;
      }
      seq = lastSeqOf(item) + 1;
    }
    if (this.#signal.aborted || seq > lastSeq) return;
    const gap = {
      kind: "gap",
      fromSeq: seq,
      toSeq: lastSeq,
      reason: "the worker has these lines no more",
    } as const;
    this.#note(gap);
    yield gap;
  }

  async #resolve(history: WorkerHistory, lastSeq: number): Promise<number> {
    if ("fromSeq" in this.#from) return Math.max(1, this.#from.fromSeq);
    if ("all" in this.#from) return 1;
    if ("sinceTime" in this.#from) return await history.locate(this.#from.sinceTime, this.#signal);
    const end =
      lastSeq > 0 ? lastSeq + 1 : (await history.piece(Number.MAX_SAFE_INTEGER, this.#signal)).nextSeq;
    return Math.max(1, end - this.#from.tail);
  }

  *#parted(found: ReturnType<typeof beginningAt>): Generator<LogItem> {
    if (!(found instanceof LineBatch)) {
      yield { kind: "gap", ...found };
      return;
    }
    const linesMax = this.#parts.batchLinesMax ?? batchLinesMax;
    for (const batch of partsOf(found, found.count, linesMax)) yield { kind: "batch", batch };
  }

  *#start({ epoch, nextSeq }: Pick<LogStart, "epoch" | "nextSeq">, firstSeq: number): Generator<LogItem> {
    const item = { kind: "start", epoch, firstSeq, nextSeq, recovered: !this.#isOther(epoch) } as const;
    if (this.#note(item)) yield item;
  }

  #isOther(epoch: string): boolean {
    return this.epoch !== "" && epoch !== "" && epoch !== this.epoch;
  }

  /** Keeps the cursor. False: a `start` that says nothing new to a viewer that goes on. */
  #note(item: LogItem): boolean {
    if (item.kind === "batch") this.nextSeq = item.batch.lastSeq + 1;
    else if (item.kind === "gap") this.nextSeq = item.toSeq + 1;
    else if (item.kind === "status") this.#told = `${item.status} ${item.detail}`;
    else if (item.kind === "start") {
      const isNews = this.nextSeq === undefined || !item.recovered;
      this.nextSeq = item.firstSeq;
      this.epoch = item.epoch;
      return isNews;
    }
    return true;
  }

  *#tell({ status }: StoredTask, detail: string): Generator<LogItem> {
    if (this.#told === `${status} ${detail}`) return;
    const item = { kind: "status", status, detail, progress: undefined } as const;
    this.#note(item);
    yield item;
  }
}
