// Several logs as one, by time. Within a log the order of its lines is never changed, so a stamp that runs backwards
// only moves its line among the others; a gap has no time and stands beside its neighbour. Keys are ordinals: the rows
// that were first on the screen begin at zero, older ones are negative.
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import type { LogFilter } from "../model/api-types.ts";
import type { RowOrigin } from "../model/line.ts";
import { seqAt } from "../net/api.ts";
import type { FindDirection, FindPlace, Found } from "./finder.ts";
import { MergedPart, type PartRow, seqsOf } from "./merged-part.ts";
import type { TaskLog } from "./task-log.ts";
import { type Entry, type Piece, WindowRows } from "./window-rows.ts";

/** The rows that are merged at once (several screens), and the time between two looks for new ones, in ms. */
const pieceRows = 400;
const growMs = 250;

export class MergedLogs extends WindowRows {
  readonly #parts: MergedPart[];
  readonly #unlisten: (() => void)[];
  #grow: Timer | undefined;
  #started = false;

  constructor(logs: readonly { log: TaskLog; origin: RowOrigin }[], filter: LogFilter) {
    super();
    this.#parts = logs.map(({ log, origin }) => new MergedPart(log, origin, filter));
    this.#unlisten = logs.map(({ log }) => log.changes.listen(() => this.#grown()));
    this.#grown();
  }

  override close(): void {
    super.close();
    this.#grow?.stop();
    for (const unlisten of this.#unlisten) unlisten();
  }

  async seek(key: number): Promise<number | undefined> {
    return this.keyAt(this.positionOf(key));
  }

  async seekStart(): Promise<number | undefined> {
    if (!this.olderDone) {
      this.reset();
      for (const part of this.#parts) part.putAt(1);
      this.olderDone = true;
      await this.readNewer();
    }
    return this.firstKey();
  }

  async seekEnd(): Promise<void> {
    if (this.newerDone) return;
    this.reset();
    for (const part of this.#parts) part.putAt(part.log.nextSeq);
    this.newerDone = true;
    await this.readOlder();
  }

  /** Goes to a line of one of the logs, with those of the others around it. Resolves to its key. */
  async seekLine(line: Found): Promise<number | undefined> {
    const here = this.keyOf(line);
    if (here !== undefined) return here;
    const { signal } = this.gone;
    const places = await Promise.all(
      this.#parts.map(({ log }) =>
        log.taskId === line.taskId ? line.seq : seqAt(log.taskId, line.time, signal),
      ),
    ).catch(() => undefined);
    if (places === undefined || signal.aborted) return undefined;
    this.reset();
    this.#parts.forEach((part, index) => {
      part.putAt(places[index] as number);
    });
    await this.readNewer();
    await this.readOlder();
    return this.keyOf(line);
  }

  /** The key of the row that shows this line; undefined: it is not in the window. */
  keyOf({ taskId, seq }: Found): number | undefined {
    return this.entries.find(
      ({ row }) => row.kind === "line" && row.line.seq === seq && row.source?.taskId === taskId,
    )?.key;
  }

  /** Returns the places to look on from in each log, beginning with this row. */
  placesFrom(key: number, direction: FindDirection): FindPlace[] {
    const rows = direction === "next" ? this.entries : this.entries.toReversed();
    const ahead = rows.filter((entry) => (direction === "next" ? entry.key >= key : entry.key <= key));
    return this.#parts.map((part) => {
      const row = ahead.find((entry) => part.owns(entry.row))?.row as PartRow | undefined;
      const [fromSeq, toSeq] = row === undefined ? [part.high + 1, part.low - 1] : seqsOf(row);
      const from = direction === "next" ? fromSeq : toSeq;
      return { taskId: part.log.taskId, from, lastSeq: part.log.nextSeq - 1 };
    });
  }

  protected override older(signal: AbortSignal): Promise<Piece> {
    return this.#piece(signal, "prev");
  }

  protected override newer(signal: AbortSignal): Promise<Piece> {
    return this.#piece(signal, "next");
  }

  protected override forget(entries: Entry[], end: "older" | "newer"): void {
    for (const { row } of end === "older" ? entries : entries.toReversed()) {
      this.#parts.find((part) => part.owns(row))?.giveBack(row as PartRow, end);
    }
  }

  protected override whole() {
    const first = this.firstKey() ?? 0;
    return { extent: this.entries.length, positionOf: (key: number) => key - first };
  }

  /** The next rows of all parts this way, in the order of their keys. */
  async #piece(signal: AbortSignal, way: FindDirection): Promise<Piece> {
    const entries: Entry[] = [];
    const step = way === "next" ? 1 : -1;
    let key = way === "next" ? (this.lastKey() ?? -1) + 1 : (this.firstKey() ?? 0) - 1;
    let done = false;
    while (entries.length < pieceRows && !done) {
      await Promise.all(this.#parts.map((part) => part.fill(way, signal)));
      const part = pick(this.#parts, way);
      if (part === undefined) done = true;
      else {
        entries.push({ key, row: part.take(way) });
        key += step;
      }
    }
    return { entries: way === "next" ? entries : entries.reverse(), done };
  }

  #grown(): void {
    if (!this.#started) {
      this.#started = this.#parts.every(({ log }) => log.started);
      if (this.#started) void this.seekEnd();
      return;
    }
    const more = this.#parts.some((part) => part.hasNewer);
    if (!this.newerDone || this.#grow !== undefined || !more) return;
    this.#grow = startTimer(() => {
      this.#grow = undefined;
      void this.readNewer().then(() => this.#grown());
    }, growMs);
  }
}

/** The part whose next row comes first this way; of equal ones the first part. undefined: none has a row. */
function pick(parts: readonly MergedPart[], way: FindDirection): MergedPart | undefined {
  let found: MergedPart | undefined;
  let time = "";
  for (const part of parts) {
    const next = part.next(way);
    if (next === undefined) continue;
    if (next.kind === "gap") return part;
    const isFirst = way === "next" ? next.line.time < time : next.line.time >= time;
    if (found !== undefined && !isFirst) continue;
    found = part;
    time = next.line.time;
  }
  return found;
}
