// The lines of a log that pass a filter. The server looks; the page asks on from where it has got to. The key of a row is
// its seq, and its place on the scroll bar is that of its seq in the whole log until everything has been looked through.
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import type { LogFilter, LogPage } from "../model/api-types.ts";
import { fromApiLine } from "../model/line.ts";
import { getLines } from "../net/api.ts";
import type { TaskLog } from "./task-log.ts";
import { type Entry, type Piece, WindowRows } from "./window-rows.ts";

/** The lines that are asked for at once: several screens, in one small answer. */
const askLines = 500;
/** Lines that passed are asked for at most this often while the log grows, in ms. */
const growMs = 250;

export class FilteredLog extends WindowRows {
  readonly #log: TaskLog;
  readonly #filter: LogFilter;
  /** Everything from `#low` to `#high` has been looked through. */
  #low = 1;
  #high = 0;
  #started = false;
  #grow: Timer | undefined;
  readonly #unlisten: () => void;

  constructor(log: TaskLog, filter: LogFilter) {
    super();
    this.#log = log;
    this.#filter = filter;
    this.#unlisten = log.changes.listen(() => this.#grown());
    this.#grown();
  }

  override close(): void {
    super.close();
    this.#grow?.stop();
    this.#unlisten();
  }

  /** The range that has been looked through, inclusive. */
  get looked(): { fromSeq: number; toSeq: number } {
    return { fromSeq: this.#low, toSeq: this.#high };
  }

  async seek(key: number): Promise<number | undefined> {
    if (key < this.#low || key > this.#high) {
      this.reset();
      this.#low = Math.max(1, key);
      this.#high = this.#low - 1;
      await this.readNewer();
      if (this.entries.length === 0) await this.readOlder();
    }
    return this.keyAt(this.positionOf(key));
  }

  async seekStart(): Promise<number | undefined> {
    await this.seek(1);
    return this.firstKey();
  }

  async seekEnd(): Promise<void> {
    if (this.newerDone) return;
    this.reset();
    this.#low = this.#log.nextSeq;
    this.#high = this.#log.nextSeq - 1;
    this.newerDone = true;
    while (this.entries.length < askLines && !this.olderDone && !this.gone.signal.aborted)
      await this.readOlder();
  }

  protected override async older(signal: AbortSignal): Promise<Piece> {
    if (this.#low <= 1) return { entries: [], done: true };
    const { removed } = this.#log;
    if (removed !== undefined && this.#low - 1 <= removed.toSeq) {
      this.#low = 1;
      return { entries: [{ key: removed.fromSeq, row: removed }], done: true };
    }
    const range = { to: this.#low - 1, limit: askLines, backwards: true };
    const page = await getLines(this.#log.taskId, range, this.#filter, signal);
    this.#low = page.scannedFrom ?? page.lines[0]?.seq ?? 1;
    return { entries: toEntries(page), done: this.#low <= 1 };
  }

  protected override async newer(signal: AbortSignal): Promise<Piece> {
    const to = this.#log.nextSeq - 1;
    if (this.#high >= to) return { entries: [], done: true };
    const page = await getLines(
      this.#log.taskId,
      { from: this.#high + 1, to, limit: askLines },
      this.#filter,
      signal,
    );
    this.#high = page.scannedTo ?? page.nextSeq - 1;
    return { entries: toEntries(page), done: this.#high >= this.#log.nextSeq - 1 };
  }

  protected override forget(entries: Entry[], end: "older" | "newer"): void {
    if (end === "older") this.#low = (entries.at(-1)?.key ?? this.#low - 1) + 1;
    else this.#high = (entries[0]?.key ?? this.#high + 1) - 1;
  }

  protected override whole() {
    return { extent: Math.max(1, this.#log.nextSeq - 1), positionOf: (key: number) => key - 1 };
  }

  /** New lines concern a window that reaches to the end. */
  #grown(): void {
    if (!this.#started) {
      this.#started = this.#log.started;
      if (this.#started) void this.seekEnd();
      return;
    }
    if (!this.newerDone || this.#grow !== undefined || this.#high >= this.#log.nextSeq - 1) return;
    this.#grow = startTimer(() => {
      this.#grow = undefined;
      void this.readNewer().then(() => this.newerDone || this.#grown());
    }, growMs);
  }
}

function toEntries({ lines, gaps }: LogPage): Entry[] {
  const entries: Entry[] = lines.map((line) => ({
    key: line.seq,
    row: { kind: "line", line: fromApiLine(line) },
  }));
  for (const { fromSeq, toSeq, count, reason } of gaps ?? []) {
    entries.push({
      key: fromSeq,
      row: { kind: "gap", fromSeq, toSeq, count: count ?? toSeq - fromSeq + 1, reason },
    });
  }
  return gaps?.length ? entries.sort((a, b) => a.key - b.key) : entries;
}
