// One task's log in one process: the newest lines in a ring, the older ones behind `history`, and any number of
// subscribers, each nothing but a cursor. The worker has one per task it reads; the master's relay is the same
// class, fed by the worker's stream and with ReadLog as its history.
//
// `publish` is synchronous and costs the same for one subscriber as for a thousand: it appends to the ring and
// resolves one promise that all idle cursors wait on. There is no queue per subscriber and nobody is waited for: a
// cursor that falls behind the ring reads from the history at its own pace and joins the ring again without a seam,
// because both are asked by seq.
import { randomUUID } from "node:crypto";
import { batchBytesMax, batchLinesMax, pageLinesMax, readBytesDefault } from "../base/limits.ts";
import type { Stamp } from "../base/stamp.ts";
import { LineBatch, type StreamName } from "./line-batch.ts";
import type { Completion, LogGap, LogHistory, LogItem, LogPartial, LogStatus } from "./log-item.ts";
import { partsOf } from "./parts.ts";
import { Ring } from "./ring.ts";
import { type Selection, selectLines } from "./select-lines.ts";
import { type NumberedItem, seqAfter } from "./seq-cursor.ts";
import { firstNotBefore } from "./stamps.ts";

export interface BroadcasterOptions {
  taskId: string;
  /** Names this log; a new one by default. */
  epoch?: string;
  /** The seq of the first line that will be published, 1 by default. */
  firstSeq?: number;
  /** The history that holds lines older than the ring; without it they are reported as a gap. */
  history?: LogHistory;
  ringLinesMax?: number;
  /** Bytes of text. */
  ringBytesMax?: number;
  /** The largest batch of a subscriber, in lines. */
  batchLinesMax?: number;
}

/**
 * The place where a cursor starts: at a seq, a number of lines before the end, at the first line with a stamp or a
 * later one, or at the first.
 */
export type From = { fromSeq: number } | { tail: number } | { sinceTime: Stamp } | { all: true };

export interface SubscribeOptions extends Selection {
  from: From;
  /** Go on after the last line until the task is complete; else end where the log ends now. */
  follow: boolean;
  /**
   * The epoch of the log that these numbers belong to; used with `fromSeq`. Another one starts anew, at its first
   * line or at `sinceTime`.
   */
  epoch?: string | undefined;
  signal: AbortSignal;
}

export class TaskLogBroadcaster {
  readonly taskId: string;
  readonly epoch: string;
  /** The number of cursors on this log. */
  subscribers = 0;
  readonly #ring: Ring;
  readonly #history: LogHistory | undefined;
  readonly #batchLinesMax: number;
  #status: LogStatus = { status: "pending", detail: "", progress: undefined };
  #statusVersion = 0;
  #completion: Completion | undefined;
  readonly #partials = new Map<StreamName, LogPartial>();
  #partialVersion = 0;
  #changed = Promise.withResolvers<void>();

  constructor(options: BroadcasterOptions) {
    this.taskId = options.taskId;
    this.epoch = options.epoch ?? randomUUID();
    this.#history = options.history;
    this.#batchLinesMax = options.batchLinesMax ?? batchLinesMax;
    this.#ring = new Ring(options.firstSeq ?? 1, {
      ...(options.ringLinesMax !== undefined && { linesMax: options.ringLinesMax }),
      ...(options.ringBytesMax !== undefined && { bytesMax: options.ringBytesMax }),
    });
  }

  /** The seq the next line will get. */
  get nextSeq(): number {
    return this.#ring.nextSeq;
  }

  get status(): LogStatus {
    return this.#status;
  }

  get completion(): Completion | undefined {
    return this.#completion;
  }

  /** Numbers the lines and shows them to everybody. Returns them with their numbers. */
  publish(batch: LineBatch): LineBatch {
    const numbered = batch.numbered(this.nextSeq);
    this.#ring.push(numbered);
    for (const stream of this.#partials.keys()) if (numbered.hasStream(stream)) this.#partials.delete(stream);
    this.#wake();
    return numbered;
  }

  /** Shows lines that have numbers already. What is known is skipped; what is missing between must be told before. */
  publishNumbered(batch: LineBatch): void {
    const known = this.nextSeq - batch.firstSeq;
    if (known >= batch.count) return;
    if (known < 0) this.#ring.skipTo(batch.firstSeq); // the lines between are the history's
    this.publish(known > 0 ? batch.slice(known, batch.count) : batch);
  }

  /** Lines up to `toSeq` will never come: cursors are told by the history when they get there. */
  skipTo(seq: number): void {
    if (seq <= this.nextSeq) return;
    this.#ring.skipTo(seq);
    this.#wake();
  }

  /** Text that has no newline yet, for cursors that have seen all lines. Its line replaces it. */
  setPartial(partial: LogPartial): void {
    this.#partials.set(partial.stream, partial);
    this.#partialVersion++;
    this.#wake();
  }

  setStatus(status: LogStatus): void {
    this.#status = status;
    this.#statusVersion++;
    this.#wake();
  }

  /** The last item of every stream. A second call changes nothing. */
  complete(completion: Completion): void {
    if (this.#completion !== undefined) return;
    this.#status = { status: completion.status, detail: completion.message, progress: undefined };
    this.#completion = completion;
    this.#partials.clear();
    this.#wake();
  }

  /** The cursor is taken at once, not at the first `next()`. Abort ends the stream quietly. */
  subscribe(options: SubscribeOptions): AsyncIterableIterator<LogItem> {
    const recovered = options.epoch === undefined || options.epoch === "" || options.epoch === this.epoch;
    const from = this.#resolve(options.from, recovered);
    this.subscribers++;
    let open = true;
    const release = (): void => {
      if (open) this.subscribers--;
      open = false;
    };
    const wake = (): void => this.#wake();
    options.signal.addEventListener("abort", wake, { once: true });
    const end = options.follow ? Number.POSITIVE_INFINITY : this.nextSeq;
    const items = selectLines(this.#items(from, end, recovered, options.signal), options);
    const finished = <T extends IteratorResult<LogItem>>(result: T): T => {
      if (result.done) {
        release();
        options.signal.removeEventListener("abort", wake);
      }
      return result;
    };
    const failed = (error: unknown): never => {
      finished({ done: true, value: undefined });
      throw error;
    };
    return {
      next: () => items.next().then(finished, failed),
      return: () => items.return(undefined).then(finished, failed),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** A stamp is looked up when the first item is asked for: lines that come meanwhile do not change what it finds. */
  #resolve(from: From, recovered: boolean): number | Stamp {
    if ("sinceTime" in from) return from.sinceTime;
    if ("all" in from || !recovered) return 1;
    if ("tail" in from) return Math.max(1, this.nextSeq - from.tail);
    return Math.max(1, from.fromSeq);
  }

  async *#items(
    from: number | Stamp,
    end: number,
    recovered: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<LogItem> {
    const firstSeq = typeof from === "number" ? from : await this.#locate(from, signal);
    if (firstSeq === undefined) return;
    let seq = firstSeq;
    let statusVersion = -1;
    let partialVersion = 0;
    yield {
      kind: "start",
      epoch: this.epoch,
      firstSeq,
      nextSeq: Math.max(firstSeq, this.nextSeq),
      recovered,
    };
    while (!signal.aborted) {
      if (statusVersion !== this.#statusVersion && this.#completion === undefined) {
        statusVersion = this.#statusVersion;
        yield { kind: "status", ...this.#status };
      } else if (seq < Math.min(end, this.nextSeq)) {
        for await (const item of this.#linesAt(seq, end - seq, signal)) {
          seq = seqAfter(item);
          yield item;
        }
      } else if (this.#completion !== undefined && seq >= this.nextSeq) {
        yield { kind: "complete", completion: this.#completion };
        return;
      } else if (seq >= end) {
        return;
      } else if (partialVersion !== this.#partialVersion) {
        partialVersion = this.#partialVersion;
        for (const partial of [...this.#partials.values()]) yield { kind: "partial", ...partial };
      } else {
        await this.#changed.promise;
      }
    }
  }

  /** The lines at `seq`: one batch of the ring, or a piece of the history in batches of a subscriber's size. */
  async *#linesAt(seq: number, linesMax: number, signal: AbortSignal): AsyncGenerator<NumberedItem> {
    const newest = this.#ring.read(seq, Math.min(linesMax, this.#batchLinesMax), batchBytesMax);
    if (newest !== undefined) {
      yield { kind: "batch", batch: newest };
      return;
    }
    const found = await this.#readHistory(seq, signal);
    if (found instanceof LineBatch) {
      const count = Math.min(linesMax, found.count);
      for (const batch of partsOf(found, count, this.#batchLinesMax)) yield { kind: "batch", batch };
    } else if (found !== undefined) {
      yield { kind: "gap", ...found };
    }
  }

  /** undefined: the reader left while it was being read. */
  async #readHistory(seq: number, signal: AbortSignal): Promise<LineBatch | LogGap | undefined> {
    const history = this.#history;
    if (history === undefined) {
      return { fromSeq: seq, toSeq: this.#ring.firstSeq - 1, reason: "only the newest lines are kept" };
    }
    return await unlessAborted(signal, () => history.read(seq, readBytesDefault, signal));
  }

  /** Finds the seq of the first line with this stamp or a later one; undefined as above. */
  async #locate(stamp: Stamp, signal: AbortSignal): Promise<number | undefined> {
    const history = this.#history;
    if (history !== undefined) return await unlessAborted(signal, () => history.locate(stamp, signal));
    let seq = this.#ring.firstSeq;
    for (let batch = this.#ring.read(seq, pageLinesMax, batchBytesMax); batch !== undefined; ) {
      const index = firstNotBefore(batch, stamp);
      seq += index;
      if (index < batch.count) break;
      batch = this.#ring.read(seq, pageLinesMax, batchBytesMax);
    }
    return seq;
  }

  #wake(): void {
    const changed = this.#changed;
    this.#changed = Promise.withResolvers<void>();
    changed.resolve();
  }
}

async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
