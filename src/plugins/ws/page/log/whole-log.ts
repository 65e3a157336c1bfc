// A whole log as rows: the key of a line is its seq, so any place of a log of a hundred million lines is known without
// having looked. A gap is one row, and so is a stack trace that is folded.
import { seenText } from "../../../../core/search/seen-text.ts";
import type { Row } from "../model/line.ts";
import { continuesTrace, groupLinesMax } from "../model/stack-trace.ts";
import { Changes, type RowSource } from "./row-source.ts";
import type { TaskLog } from "./task-log.ts";

/** The length of a head, in characters. */
const headLength = 400;
/** Lines got around what is on the screen. */
const aroundLines = 200;

export class WholeLog implements RowSource {
  readonly changes = new Changes();
  readonly log: TaskLog;
  /** Stack traces are one row unless their first line is in `#exceptions`; the other way round when not. */
  #foldTraces = false;
  readonly #exceptions = new Set<number>();
  #partialRow: Extract<Row, { kind: "partial" }> | undefined;
  readonly #unlisten: () => void;

  constructor(log: TaskLog) {
    this.log = log;
    this.#unlisten = log.changes.listen(() => this.changes.tell());
  }

  close(): void {
    this.#unlisten();
  }

  get extent(): number {
    return this.log.nextSeq - 1 + (this.log.partial === undefined ? 0 : 1);
  }

  positionOf(key: number): number {
    return key - 1;
  }

  keyAt(position: number): number | undefined {
    const last = this.extent;
    if (last < 1) return undefined;
    return this.#settle(Math.min(last, Math.max(1, Math.floor(position) + 1)));
  }

  firstKey(): number | undefined {
    return this.keyAt(0);
  }

  lastKey(): number | undefined {
    return this.keyAt(this.extent);
  }

  next(key: number): number | undefined {
    const next = (this.log.store.gapAt(key)?.toSeq ?? this.#foldEnd(key)) + 1;
    return next > this.extent ? undefined : next;
  }

  prev(key: number): number | undefined {
    return key <= 1 ? undefined : this.#settle(key - 1);
  }

  row(key: number): Row {
    const { partial, nextSeq, store } = this.log;
    if (key < nextSeq) return store.get(key);
    if (partial === undefined) return { kind: "waiting" };
    if (this.#partialRow?.text !== partial.text) this.#partialRow = { kind: "partial", ...partial };
    return this.#partialRow;
  }

  want(fromKey: number, toKey: number): void {
    this.log.want(fromKey - aroundLines, toKey + aroundLines);
  }

  async seek(key: number): Promise<number | undefined> {
    return this.keyAt(key - 1);
  }

  async seekStart(): Promise<number | undefined> {
    return this.firstKey();
  }

  async seekEnd(): Promise<void> {}

  set foldTraces(fold: boolean) {
    this.#foldTraces = fold;
    this.#exceptions.clear();
    this.changes.tell();
  }

  /** Returns the number of lines after this one that belong to its stack trace; 0 if it begins none. */
  traceLines(seq: number): number {
    if (this.#continues(seq)) return 0;
    let last = seq;
    while (last - seq < groupLinesMax && this.#continues(last + 1)) last += 1;
    return last - seq;
  }

  /** True if the line belongs to the one before it. */
  continues(seq: number): boolean {
    return this.#continues(seq);
  }

  isFolded(seq: number): boolean {
    return this.#foldTraces !== this.#exceptions.has(seq);
  }

  toggleFold(seq: number): void {
    if (!this.#exceptions.delete(seq)) this.#exceptions.add(seq);
    this.changes.tell();
  }

  #continues(seq: number): boolean {
    const line = this.log.store.peek(seq);
    const before = this.log.store.peek(seq - 1);
    if (line === undefined || before === undefined || line.stderr !== before.stderr) return false;
    return continuesTrace(headOf(line.text), headOf(before.text));
  }

  #foldEnd(seq: number): number {
    if (!this.#foldTraces && this.#exceptions.size === 0) return seq;
    return this.isFolded(seq) ? seq + this.traceLines(seq) : seq;
  }

  /** The key of the row that shows this line: the gap it is in, or the head of a folded trace. */
  #settle(seq: number): number {
    const gap = this.log.store.gapAt(seq);
    if (gap !== undefined) return gap.fromSeq;
    if ((!this.#foldTraces && this.#exceptions.size === 0) || !this.#continues(seq)) return seq;
    let head = seq;
    while (seq - head < groupLinesMax && this.#continues(head)) head -= 1;
    return this.isFolded(head) ? head : seq;
  }
}

/** Returns the beginning of a line without escape sequences: a stack trace can be recognised by it. */
function headOf(text: string): string {
  return seenText(text.length > headLength ? text.slice(0, headLength) : text);
}
