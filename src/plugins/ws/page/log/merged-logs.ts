// Several logs as one, by time. Within a log the order of its lines is never changed, so a stamp that runs backwards
// only moves its line among the others. Keys are ordinals: the rows that were first on the screen begin at zero, older
// ones are negative.
import type { LogFilter } from "../model/api-types.ts";
import { fromApiLine, type Line, type RowOrigin } from "../model/line.ts";
import { getLines } from "../net/api.ts";
import type { TaskLog } from "./task-log.ts";
import { type Entry, type Piece, WindowRows } from "./window-rows.ts";

const askLines = 400;
const pieceRows = 400;
const growMs = 250;

/** One of the logs: what was taken from it into the window, and what has been got and not been taken. */
interface Part {
  readonly log: TaskLog;
  readonly origin: RowOrigin;
  /** Lines of `low` to `high` are in the window. */
  low: number;
  high: number;
  /** Oldest first; the last is the next to take. */
  above: Line[];
  /** Oldest first; the first is the next to take. */
  below: Line[];
  aboveFrom: number;
  belowTo: number;
}

export class MergedLogs extends WindowRows {
  readonly #parts: Part[];
  readonly #filter: LogFilter;
  readonly #unlisten: (() => void)[];
  #grow: ReturnType<typeof setTimeout> | undefined;
  #started = false;

  constructor(logs: readonly { log: TaskLog; origin: RowOrigin }[], filter: LogFilter) {
    super();
    this.#filter = filter;
    this.#parts = logs.map(({ log, origin }) => ({
      log,
      origin,
      ...{ low: 1, high: 0, above: [], below: [], aboveFrom: 1, belowTo: 0 },
    }));
    this.#unlisten = logs.map(({ log }) => log.changes.listen(() => this.#grown()));
    this.#grown();
  }

  override close(): void {
    super.close();
    clearTimeout(this.#grow);
    for (const unlisten of this.#unlisten) unlisten();
  }

  async seek(key: number): Promise<number | undefined> {
    return this.keyAt(key);
  }

  async seekEnd(): Promise<void> {
    if (this.newerDone) return;
    this.reset();
    for (const part of this.#parts) putAt(part, part.log.nextSeq);
    this.newerDone = true;
    await this.readOlder();
  }

  protected override async older(signal: AbortSignal): Promise<Piece> {
    const entries: Entry[] = [];
    let key = (this.firstKey() ?? 0) - 1;
    while (entries.length < pieceRows) {
      await Promise.all(this.#parts.map((part) => this.#fillAbove(part, signal)));
      const part = pick(
        this.#parts,
        (one) => one.above.at(-1),
        (a, b) => a > b,
      );
      if (part === undefined) return { entries: entries.reverse(), done: true };
      const line = part.above.pop() as Line;
      part.low = line.seq;
      entries.push({ key, row: { kind: "line", line, source: part.origin } });
      key -= 1;
    }
    return { entries: entries.reverse(), done: false };
  }

  protected override async newer(signal: AbortSignal): Promise<Piece> {
    const entries: Entry[] = [];
    let key = (this.lastKey() ?? -1) + 1;
    while (entries.length < pieceRows) {
      await Promise.all(this.#parts.map((part) => this.#fillBelow(part, signal)));
      const part = pick(
        this.#parts,
        (one) => one.below[0],
        (a, b) => a < b,
      );
      if (part === undefined) return { entries, done: true };
      const line = part.below.shift() as Line;
      part.high = line.seq;
      entries.push({ key, row: { kind: "line", line, source: part.origin } });
      key += 1;
    }
    return { entries, done: false };
  }

  protected override forget(entries: Entry[], end: "older" | "newer"): void {
    for (const { row } of entries) {
      if (row.kind !== "line") continue;
      const part = this.#parts.find(({ origin }) => origin === row.source);
      if (part === undefined) continue;
      if (end === "older") {
        part.low = row.line.seq + 1;
        part.aboveFrom = part.low;
        part.above = [];
      } else if (row.line.seq <= part.high) {
        part.high = row.line.seq - 1;
        part.belowTo = part.high;
        part.below = [];
      }
    }
  }

  protected override whole() {
    const first = this.firstKey() ?? 0;
    return { extent: this.entries.length, positionOf: (key: number) => key - first };
  }

  async #fillAbove(part: Part, signal: AbortSignal): Promise<void> {
    while (part.above.length === 0 && part.aboveFrom > 1) {
      const range = { to: part.aboveFrom - 1, limit: askLines, backwards: true };
      const page = await getLines(part.log.taskId, range, this.#filter, signal);
      part.above = page.lines.map(fromApiLine);
      part.aboveFrom = page.scannedFrom ?? page.lines[0]?.seq ?? 1;
    }
  }

  async #fillBelow(part: Part, signal: AbortSignal): Promise<void> {
    while (part.below.length === 0 && part.belowTo < part.log.nextSeq - 1) {
      const range = { from: part.belowTo + 1, to: part.log.nextSeq - 1, limit: askLines };
      const page = await getLines(part.log.taskId, range, this.#filter, signal);
      part.below = page.lines.map(fromApiLine);
      part.belowTo = page.scannedTo ?? page.nextSeq - 1;
    }
  }

  #grown(): void {
    if (!this.#started) {
      this.#started = this.#parts.every(({ log }) => log.started);
      if (this.#started) void this.seekEnd();
      return;
    }
    const more = this.#parts.some(({ log, belowTo }) => belowTo < log.nextSeq - 1);
    if (!this.newerDone || this.#grow !== undefined || !more) return;
    this.#grow = setTimeout(() => {
      this.#grow = undefined;
      void this.readNewer().then(() => this.#grown());
    }, growMs);
  }
}

function putAt(part: Part, seq: number): void {
  part.low = seq;
  part.high = seq - 1;
  part.above = [];
  part.below = [];
  part.aboveFrom = seq;
  part.belowTo = seq - 1;
}

/** The part whose next line comes first by `before`; of equal ones the first part. undefined: none has a line. */
function pick(
  parts: Part[],
  next: (part: Part) => Line | undefined,
  before: (a: string, b: string) => boolean,
) {
  let found: Part | undefined;
  let time = "";
  for (const part of parts) {
    const line = next(part);
    if (line === undefined || (found !== undefined && !before(line.time, time))) continue;
    found = part;
    time = line.time;
  }
  return found;
}
