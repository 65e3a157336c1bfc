// The lines of one log that the page holds at the moment: pages by seq, the least recently used ones let go. A line
// has one place, its seq, so nothing that arrives twice is there twice. Knows no network.
import type { Gap } from "../model/api-types.ts";
import type { Line, Row } from "../model/line.ts";

/** The lines of one page of the store, which is read and dropped as a whole: several screens. */
export const pageLines = 256;
/** Bounds of what is held, whichever comes first: pages, characters of text, gaps. */
const pagesMax = 400;
const charactersMax = 24_000_000;
const gapsMax = 5000;

interface Page {
  readonly rows: (Row | undefined)[];
  filled: number;
  characters: number;
}

export type GapRow = Extract<Row, { kind: "gap" }>;
const waiting: Row = { kind: "waiting" };

export class LineStore {
  /** The pages in order of use: the first is the one to drop. */
  readonly #pages = new Map<number, Page>();
  #gaps: GapRow[] = [];
  #characters = 0;

  add(lines: readonly Line[]): void {
    let page: Page | undefined;
    let number = -1;
    for (const line of lines) {
      const own = Math.floor(line.seq / pageLines);
      if (page === undefined || own !== number) {
        number = own;
        page = this.#touch(own) ?? this.#create(own);
      }
      const at = line.seq % pageLines;
      if (page.rows[at] !== undefined) continue;
      page.rows[at] = { kind: "line", line };
      page.filled += 1;
      page.characters += line.text.length;
      this.#characters += line.text.length;
    }
    this.#letGo();
  }

  addGap({ fromSeq, toSeq, count, reason }: Gap): void {
    if (toSeq < fromSeq || this.gapAt(fromSeq)?.toSeq === toSeq) return;
    const row: GapRow = { kind: "gap", fromSeq, toSeq, count: count ?? toSeq - fromSeq + 1, reason };
    const others = this.#gaps.filter((gap) => gap.toSeq < fromSeq || gap.fromSeq > toSeq);
    this.#gaps = [...others, row].sort((a, b) => a.fromSeq - b.fromSeq).slice(-gapsMax);
  }

  get(seq: number): Row {
    return this.gapAt(seq) ?? this.#touch(Math.floor(seq / pageLines))?.rows[seq % pageLines] ?? waiting;
  }

  /** The line of this number when it is here. Does not count as use. */
  peek(seq: number): Line | undefined {
    const row = this.#pages.get(Math.floor(seq / pageLines))?.rows[seq % pageLines];
    return row?.kind === "line" ? row.line : undefined;
  }

  gapAt(seq: number): GapRow | undefined {
    let [low, high] = [0, this.#gaps.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const gap = this.#gaps[middle] as GapRow;
      if (seq < gap.fromSeq) high = middle - 1;
      else if (seq > gap.toSeq) low = middle + 1;
      else return gap;
    }
    return undefined;
  }

  /** The first and last number from `fromSeq` to `toSeq` that is neither here nor in a gap; undefined: all are. */
  missing(fromSeq: number, toSeq: number): { fromSeq: number; toSeq: number } | undefined {
    let from = fromSeq;
    while (from <= toSeq && this.#has(from)) from += 1;
    if (from > toSeq) return undefined;
    let to = toSeq;
    while (to > from && this.#has(to)) to -= 1;
    return { fromSeq: from, toSeq: to };
  }

  clear(): void {
    this.#pages.clear();
    this.#gaps = [];
    this.#characters = 0;
  }

  /** Lines and characters that are held, for whoever watches its memory. */
  size(): { lines: number; characters: number } {
    let lines = 0;
    for (const page of this.#pages.values()) lines += page.filled;
    return { lines, characters: this.#characters };
  }

  #has(seq: number): boolean {
    return this.peek(seq) !== undefined || this.gapAt(seq) !== undefined;
  }

  #touch(number: number): Page | undefined {
    const page = this.#pages.get(number);
    if (page === undefined) return undefined;
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }

  #create(number: number): Page {
    const page: Page = { rows: new Array(pageLines), filled: 0, characters: 0 };
    this.#pages.set(number, page);
    return page;
  }

  #letGo(): void {
    for (const [number, page] of this.#pages) {
      const few = this.#pages.size <= pagesMax && this.#characters <= charactersMax;
      if (few || this.#pages.size <= 2) return;
      this.#pages.delete(number);
      this.#characters -= page.characters;
    }
  }
}
