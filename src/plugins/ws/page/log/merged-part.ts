// One of several merged logs: which of its rows are in the window, and which have been got at either end of it and not
// been taken yet.
import type { LogFilter, LogPage } from "../model/api-types.ts";
import { fromApiLine, type Row, type RowOrigin } from "../model/line.ts";
import { getLines } from "../net/api.ts";
import type { FindDirection } from "./finder.ts";
import type { TaskLog } from "./task-log.ts";

/** The lines of one log that are asked for at once: several screens, in one small answer. */
const askLines = 400;

export type PartRow = Extract<Row, { kind: "line" | "gap" }>;

/** The first and the last seq that a row stands for. */
export function seqsOf(row: PartRow): [fromSeq: number, toSeq: number] {
  return row.kind === "line" ? [row.line.seq, row.line.seq] : [row.fromSeq, row.toSeq];
}

export class MergedPart {
  readonly log: TaskLog;
  readonly origin: RowOrigin;
  readonly #filter: LogFilter;
  /** Rows of `low` to `high` are in the window. */
  low = 1;
  high = 0;
  /** Oldest first: of those above the window the last is the next to take, of those below it the first. */
  #above: PartRow[] = [];
  #below: PartRow[] = [];
  #aboveFrom = 1;
  #belowTo = 0;

  constructor(log: TaskLog, origin: RowOrigin, filter: LogFilter) {
    this.log = log;
    this.origin = origin;
    this.#filter = filter;
  }

  get hasNewer(): boolean {
    return this.#belowTo < this.log.nextSeq - 1;
  }

  owns(row: Row): boolean {
    return (row.kind === "line" || row.kind === "gap") && row.source === this.origin;
  }

  /** Nothing of it is in the window, which is just above this seq. */
  putAt(seq: number): void {
    this.low = seq;
    this.high = seq - 1;
    this.#above = [];
    this.#below = [];
    this.#aboveFrom = seq;
    this.#belowTo = seq - 1;
  }

  next(way: FindDirection): PartRow | undefined {
    return way === "next" ? this.#below[0] : this.#above.at(-1);
  }

  /** Takes the next row into the window; there must be one. */
  take(way: FindDirection): PartRow {
    const row = (way === "next" ? this.#below.shift() : this.#above.pop()) as PartRow;
    const [fromSeq, toSeq] = seqsOf(row);
    if (way === "next") this.high = toSeq;
    else this.low = fromSeq;
    return row;
  }

  /** The row has left the window at this end. */
  giveBack(row: PartRow, end: "older" | "newer"): void {
    const [fromSeq, toSeq] = seqsOf(row);
    if (end === "older") {
      this.low = toSeq + 1;
      this.#aboveFrom = this.low;
      this.#above = [];
    } else {
      this.high = fromSeq - 1;
      this.#belowTo = this.high;
      this.#below = [];
    }
  }

  /** Gets rows unless there is one to take, or none at all this way. */
  async fill(way: FindDirection, signal: AbortSignal): Promise<void> {
    const { taskId } = this.log;
    while (way === "prev" && this.#above.length === 0 && this.#aboveFrom > 1) {
      const { removed } = this.log;
      if (removed !== undefined && this.#aboveFrom - 1 <= removed.toSeq) {
        this.#above = [{ ...removed, source: this.origin }];
        this.#aboveFrom = 1;
        break;
      }
      const range = { to: this.#aboveFrom - 1, limit: askLines, backwards: true };
      const page = await getLines(taskId, range, this.#filter, signal);
      this.#above = this.#rowsOf(page);
      this.#aboveFrom = page.scannedFrom ?? page.lines[0]?.seq ?? 1;
    }
    while (way === "next" && this.#below.length === 0 && this.hasNewer) {
      const range = { from: this.#belowTo + 1, to: this.log.nextSeq - 1, limit: askLines };
      const page = await getLines(taskId, range, this.#filter, signal);
      this.#below = this.#rowsOf(page);
      this.#belowTo = page.scannedTo ?? page.nextSeq - 1;
    }
  }

  #rowsOf({ lines, gaps }: LogPage): PartRow[] {
    const source = this.origin;
    const rows: PartRow[] = lines.map((line) => ({ kind: "line", line: fromApiLine(line), source }));
    for (const { fromSeq, toSeq, count, reason } of gaps) {
      rows.push({ kind: "gap", fromSeq, toSeq, count: count ?? toSeq - fromSeq + 1, reason, source });
    }
    return gaps.length === 0 ? rows : rows.sort((a, b) => seqsOf(a)[0] - seqsOf(b)[0]);
  }
}
