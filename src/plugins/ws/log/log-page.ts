// A page of a log as one JSON answer: lines from a place on, or back from a place, with what is missing between them.
// With a filter a page may take long to fill; then it says how far it has looked, and whoever asked asks on.
import { LineBatch } from "../../../core/log/line-batch.ts";
import type { LogGap } from "../../../core/log/log-item.ts";
import type { LineFilter } from "../../../core/search/line-filter.ts";
import { lineJson } from "../line-json.ts";
import { firstSeqOf, type LogRange, lastSeqOf, type Stretch, smallParts } from "./log-range.ts";

/** The time a JSON answer looks for lines that pass a filter before it says how far it came, in ms. */
const httpFilterMs = 250;

/** Text in one answer, in bytes, about: few lines may be very long. */
const pageBytes = 4 * 1024 * 1024;

export interface LogPageRequest {
  /** Inclusive. */
  from: number;
  to: number;
  /** Lines at most. */
  limit: number;
  /** The last `limit` lines of the range instead of the first. */
  backwards: boolean;
  filter: LineFilter | undefined;
}

export interface LogPage {
  /** JSON text of each, in order of their seqs. */
  lines: string[];
  gaps: LogGap[];
  /** The lines that were searched, inclusive; nothing was if `scannedTo` is less than `scannedFrom`. */
  scannedFrom: number;
  scannedTo: number;
}

/** @throws the reason of `signal`, and what reading the log throws. */
export async function readLogPage(
  range: LogRange,
  request: LogPageRequest,
  signal: AbortSignal,
): Promise<LogPage> {
  const { from, to, backwards, filter } = request;
  const page = new PageInMaking(request);
  const deadline = performance.now() + httpFilterMs;
  for await (const stretch of backwards ? range.backwards(from, to) : range.forwards(from, to)) {
    for (const part of smallParts(stretch, backwards)) {
      page.add(part, part instanceof LineBatch ? await filter?.select(part, signal) : undefined);
      if (page.isFull || performance.now() > deadline) return page.done();
    }
  }
  return page.done();
}

class PageInMaking {
  readonly #request: LogPageRequest;
  readonly #lines: string[] = [];
  readonly #gaps: LogGap[] = [];
  #bytes = 0;
  #scannedFrom = 0;
  #scannedTo = -1;

  constructor(request: LogPageRequest) {
    this.#request = request;
  }

  get isFull(): boolean {
    return this.#lines.length >= this.#request.limit || this.#bytes >= pageBytes;
  }

  /**
   * `wanted`: indexes of the lines that pass the filter; undefined: all. Backwards, lines and gaps are collected from the
   * last on, and turned around at the end.
   */
  add(stretch: Stretch, wanted: readonly number[] | undefined): void {
    if (!(stretch instanceof LineBatch)) {
      this.#addGap(stretch);
      this.#scanned(firstSeqOf(stretch), lastSeqOf(stretch));
      return;
    }
    const { backwards } = this.#request;
    const count = wanted?.length ?? stretch.count;
    for (let taken = 0; taken < count; taken++) {
      const place = backwards ? count - 1 - taken : taken;
      const index = wanted === undefined ? place : (wanted[place] as number);
      const seq = stretch.firstSeq + index;
      this.#lines.push(lineJson(stretch, index));
      this.#bytes += stretch.endOf(index) - stretch.startOf(index);
      if (!this.isFull) continue;
      if (backwards) this.#scanned(seq, stretch.lastSeq);
      else this.#scanned(stretch.firstSeq, seq);
      return;
    }
    this.#scanned(stretch.firstSeq, stretch.lastSeq);
  }

  /** A long gap comes in pieces; it is told as one. */
  #addGap(gap: LogGap): void {
    const last = this.#gaps.at(-1);
    const isPiece = last?.reason === gap.reason && isCounted(last) && isCounted(gap);
    if (isPiece && (last.toSeq + 1 === gap.fromSeq || gap.toSeq + 1 === last.fromSeq)) {
      const fromSeq = Math.min(last.fromSeq, gap.fromSeq);
      this.#gaps.splice(-1, 1, { fromSeq, toSeq: Math.max(last.toSeq, gap.toSeq), reason: gap.reason });
    } else this.#gaps.push(gap);
  }

  #scanned(from: number, to: number): void {
    const isFirst = this.#scannedTo < this.#scannedFrom;
    this.#scannedFrom = isFirst ? from : Math.min(from, this.#scannedFrom);
    this.#scannedTo = Math.max(to, this.#scannedTo);
  }

  done(): LogPage {
    if (this.#request.backwards) {
      this.#lines.reverse();
      this.#gaps.reverse();
    }
    return {
      lines: this.#lines,
      gaps: this.#gaps,
      scannedFrom: this.#scannedFrom,
      scannedTo: this.#scannedTo,
    };
  }
}

/** Its numbers say how many lines are missing. */
function isCounted({ fromSeq, toSeq, count }: LogGap): boolean {
  return count === undefined || count === toSeq - fromSeq + 1;
}
