// The newest lines of a task, in memory. Lines are copied into pages of their own, small enough that dropping the
// oldest page keeps close to the bounds, large enough that a line costs 13 bytes beside its text. Pages are only
// ever appended to, so what `read` returns stays true without a copy.
//
// Deliberately absent: waiting, subscribers, and any knowledge of the disk.
import { pageBytesMax, pageLinesMax, ringBytesMax, ringLinesMax } from "../base/limits.ts";
import { type LineBatch, LineBatchBuilder } from "./line-batch.ts";

export interface RingOptions {
  linesMax?: number;
  /** Bytes of text. */
  bytesMax?: number;
}

export class Ring {
  /** Seq of the oldest line held; equals `nextSeq` when the ring is empty. */
  firstSeq: number;
  nextSeq: number;
  readonly #linesMax: number;
  readonly #bytesMax: number;
  readonly #pages: LineBatch[] = [];
  #open = newPage();
  #bytes = 0;
  /** The batch that was read last, for as long as somebody uses it. */
  #lastRead: { linesMax: number; bytesMax: number; nextSeq: number; batch: WeakRef<LineBatch> } | undefined;

  constructor(firstSeq: number, options: RingOptions = {}) {
    this.firstSeq = firstSeq;
    this.nextSeq = firstSeq;
    this.#linesMax = options.linesMax ?? ringLinesMax;
    this.#bytesMax = options.bytesMax ?? ringBytesMax;
  }

  get lines(): number {
    return this.nextSeq - this.firstSeq;
  }

  /** Appends lines; `batch.firstSeq` must be `nextSeq`. */
  push(batch: LineBatch): void {
    // Lines that the bounds would drop at once are not even copied.
    let from = Math.max(0, batch.count - this.#linesMax - pageLinesMax);
    if (from > 0) this.skipTo(batch.firstSeq + from);
    while (from < batch.count) {
      const to = this.#fitting(batch, from);
      this.#open.addFrom(batch, from, to);
      this.#bytes += batch.endOf(to - 1) - batch.endOf(from - 1);
      this.nextSeq += to - from;
      from = to;
      if (this.#open.count >= pageLinesMax || this.#open.bytes >= pageBytesMax) this.#closePage();
    }
    this.#trim();
  }

  /** Forgets everything and goes on at `seq`: the lines between are elsewhere, or gone. */
  skipTo(seq: number): void {
    this.#pages.length = 0;
    this.#open = newPage();
    this.#bytes = 0;
    this.firstSeq = seq;
    this.nextSeq = seq;
  }

  /** Finds where a batch from `from` on must end in the open page: behind one line at least. */
  #fitting(batch: LineBatch, from: number): number {
    const linesEnd = Math.min(batch.count, from + pageLinesMax - this.#open.count);
    const bytesEnd = batch.endOf(from - 1) + pageBytesMax - this.#open.bytes;
    let to = from + 1;
    while (to < linesEnd && batch.endOf(to) <= bytesEnd) to++;
    return to;
  }

  #closePage(): void {
    this.#pages.push(this.#open.build(this.nextSeq - this.#open.count));
    this.#open = newPage();
  }

  #trim(): void {
    let drop = 0;
    while (drop < this.#pages.length) {
      const page = this.#pages[drop] as LineBatch;
      if (this.lines - page.count < this.#linesMax && this.#bytes <= this.#bytesMax) break;
      if (page.lastSeq + 1 === this.nextSeq) break; // the newest line stays, however long it is
      this.firstSeq = page.lastSeq + 1;
      this.#bytes -= page.bytes;
      drop++;
    }
    if (drop > 0) this.#pages.splice(0, drop);
  }

  /**
   * Lines from `fromSeq` on, at most `linesMax` of them and about `bytesMax` bytes of text, at least one; undefined
   * where the ring has none: `fromSeq` lies before `firstSeq`, or is `nextSeq`. Cursors at one place get one batch: it
   * is put together once, and what somebody makes of it can be shared.
   */
  read(fromSeq: number, linesMax: number, bytesMax: number): LineBatch | undefined {
    if (fromSeq < this.firstSeq || fromSeq >= this.nextSeq) return undefined;
    const last = this.#lastRead;
    const isKnown =
      last?.nextSeq === this.nextSeq && last.linesMax === linesMax && last.bytesMax === bytesMax;
    const known = isKnown ? last.batch.deref() : undefined;
    if (known?.firstSeq === fromSeq) return known;
    const batch = this.#collect(fromSeq, linesMax, bytesMax);
    this.#lastRead = { linesMax, bytesMax, nextSeq: this.nextSeq, batch: new WeakRef(batch) };
    return batch;
  }

  #collect(fromSeq: number, linesMax: number, bytesMax: number): LineBatch {
    let index = this.#pageOf(fromSeq);
    const first = this.#rest(index++, fromSeq, linesMax);
    if (index > this.#pages.length || first.count >= linesMax || first.bytes >= bytesMax) return first;

    const merged = new LineBatchBuilder(Math.min(linesMax, this.nextSeq - fromSeq), first.bytes);
    merged.addFrom(first, 0, first.count);
    while (index <= this.#pages.length && merged.count < linesMax && merged.bytes < bytesMax) {
      const more = this.#rest(index++, fromSeq + merged.count, linesMax - merged.count);
      if (more.count === 0) break;
      merged.addFrom(more, 0, more.count);
    }
    return merged.view(fromSeq);
  }

  /** Lines of page `index` from `seq` on; the page after the last is the open one. */
  #rest(index: number, seq: number, linesMax: number): LineBatch {
    const page = this.#pages[index] ?? this.#open.view(this.nextSeq - this.#open.count);
    const from = seq - page.firstSeq;
    return page.slice(from, Math.min(page.count, from + linesMax));
  }

  #pageOf(seq: number): number {
    let [low, high] = [0, this.#pages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pages[middle] as LineBatch).lastSeq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function newPage(): LineBatchBuilder {
  return new LineBatchBuilder(8, 512);
}
