// A range of a task's log, forwards or backwards, as a stream of what is in it: pieces of about a megabyte, read while
// the one before is looked at, and none that nobody asked for. Search, density and export are loops over this.
import { readBytesDefault } from "../../../core/base/limits.ts";
import type { Stamp } from "../../../core/base/stamp.ts";
import { LineBatch } from "../../../core/log/line-batch.ts";
import type { LogGap } from "../../../core/log/log-item.ts";
import type { PluginHost, ReadTaskLog } from "../../../core/plugin-api.ts";

type Piece = Awaited<ReturnType<ReadTaskLog>>;

/** A result of one read: consecutive lines, or the gap where they should be. */
export type Stretch = LineBatch | LogGap;

/** Lines that one step backwards takes: as many as fill a piece of ordinary lines. */
const stepLines = 8192;
const lineBytes = 256;
/** Lines of a small part. */
const partLines = 2048;

export function firstSeqOf(stretch: Stretch): number {
  return stretch instanceof LineBatch ? stretch.firstSeq : stretch.fromSeq;
}

export function lastSeqOf(stretch: Stretch): number {
  return stretch instanceof LineBatch ? stretch.lastSeq : stretch.toSeq;
}

/** Splits a stretch into small parts, the last one first with `isBack`: the first match ends most searches. */
export function* smallParts(stretch: Stretch, isBack: boolean): Generator<Stretch> {
  if (!(stretch instanceof LineBatch)) {
    yield stretch;
    return;
  }
  const parts = Math.ceil(stretch.count / partLines);
  for (let part = 0; part < parts; part++) {
    const from = (isBack ? parts - 1 - part : part) * partLines;
    yield stretch.slice(from, Math.min(stretch.count, from + partLines));
  }
}

export class LogRange {
  readonly taskId: string;
  readonly #read: ReadTaskLog;
  readonly #signal: AbortSignal;

  constructor(host: Pick<PluginHost, "readTaskLog">, taskId: string, signal: AbortSignal) {
    this.taskId = taskId;
    this.#read = host.readTaskLog;
    this.#signal = signal;
  }

  /** Returns the present state of the log: its epoch, where it begins and ends. */
  async info(): Promise<Omit<Piece, "items">> {
    const { items: _, ...info } = await this.#piece(Number.MAX_SAFE_INTEGER, 1);
    return info;
  }

  /** The seq of the first line with that stamp or a later one; what comes next, if there is none. */
  async seqAt(sinceTime: Stamp): Promise<number> {
    const piece = await this.#read(this.taskId, 1, { bytesMax: 1, sinceTime, signal: this.#signal });
    const [first] = stretchesOf(piece, 1, Number.MAX_SAFE_INTEGER);
    return first === undefined ? piece.nextSeq : firstSeqOf(first);
  }

  /** Lines and gaps with seqs from `from` to `to`, in order, as far as there are any now. */
  async *forwards(from: number, to: number): AsyncGenerator<Stretch> {
    if (from > to) return;
    const bytesMax = Math.min(readBytesDefault, Math.max(16 * 1024, (to - from + 1) * lineBytes));
    let next = this.#piece(from, bytesMax);
    for (let seq = from; seq <= to; ) {
      const piece = await next;
      const stretches = stretchesOf(piece, seq, to);
      const last = stretches.at(-1);
      if (last === undefined) return;
      seq = lastSeqOf(last) + 1;
      if (seq <= to && seq < piece.nextSeq) next = this.#piece(seq, bytesMax);
      else seq = Number.POSITIVE_INFINITY;
      yield* stretches;
    }
  }

  /** The same from `to` down to `from`: the last stretch first. Within a stretch lines stand in order. */
  async *backwards(from: number, to: number): AsyncGenerator<Stretch> {
    for (let end = to; end >= from; end -= stepLines) {
      const begin = Math.max(from, end - stepLines + 1);
      const stretches: Stretch[] = [];
      for await (const stretch of this.forwards(begin, end)) stretches.push(stretch);
      yield* stretches.reverse();
    }
  }

  #piece(fromSeq: number, bytesMax: number): Promise<Piece> {
    const piece = this.#read(this.taskId, fromSeq, { bytesMax, signal: this.#signal });
    // Read ahead, it may fail when nobody waits for it any more.
    piece.catch(() => undefined);
    return piece;
  }
}

function stretchesOf({ items }: Piece, from: number, to: number): Stretch[] {
  const found: Stretch[] = [];
  for (const item of items) {
    const stretch = item.kind === "batch" ? item.batch : item.kind === "gap" ? item : undefined;
    if (stretch === undefined || lastSeqOf(stretch) < from || firstSeqOf(stretch) > to) continue;
    found.push(clipped(stretch, from, to));
  }
  return found;
}

function clipped(stretch: Stretch, from: number, to: number): Stretch {
  if (stretch instanceof LineBatch) {
    const first = Math.max(0, from - stretch.firstSeq);
    return stretch.slice(first, Math.min(stretch.count, to - stretch.firstSeq + 1));
  }
  const { fromSeq, toSeq, count, reason } = stretch;
  const isWhole = fromSeq >= from && toSeq <= to;
  return {
    fromSeq: Math.max(from, fromSeq),
    toSeq: Math.min(to, toSeq),
    reason,
    ...(isWhole && count !== undefined && { count }),
  };
}
