// A batch: consecutive lines of one task, packed. Text stays bytes, one copy for all subscribers; each line's
// end, stamp and flags sit in columns, so that a batch of a thousand lines is six objects and not four thousand.
// A batch never changes after it was built; `slice` shares its memory. There is no BigInt anywhere: a stamp is
// seconds and nanoseconds of the Unix epoch, a seq is a safe integer.

import { newlineByte } from "../base/bytes.ts";
import type { Stamp } from "../base/stamp.ts";

export type StreamName = "stdout" | "stderr";

export const stderrFlag = 1;
/** The line is not whole: it was longer than `lineBytesMax`, or a part of it is missing at the gap beside it. */
export const cutFlag = 2;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One unpacked line: for printing and for tests, not for moving lines. */
export interface Line extends Stamp {
  readonly seq: number;
  readonly stream: StreamName;
  readonly cut: boolean;
  readonly text: string;
}

export class LineBatch {
  readonly firstSeq: number;
  readonly count: number;
  /** Valid UTF-8, each line followed by a newline. May be a view into a larger buffer. */
  readonly text: Uint8Array;
  /** Per line: offset in `text` just behind its newline. */
  readonly ends: Uint32Array;
  readonly seconds: Uint32Array;
  readonly nanos: Uint32Array;
  readonly flags: Uint8Array;
  /** The offset in `text` where the first line begins; `ends` count from it. */
  readonly #start: number;

  /** The columns must each have `count` entries; `text.length` may be more than the last end. */
  constructor(
    firstSeq: number,
    text: Uint8Array,
    ends: Uint32Array,
    seconds: Uint32Array,
    nanos: Uint32Array,
    flags: Uint8Array,
    start = 0,
  ) {
    this.firstSeq = firstSeq;
    this.count = ends.length;
    this.text = text;
    this.ends = ends;
    this.seconds = seconds;
    this.nanos = nanos;
    this.flags = flags;
    this.#start = start;
  }

  get lastSeq(): number {
    return this.firstSeq + this.count - 1;
  }

  /** Bytes of text, newlines included. */
  get bytes(): number {
    return this.endOf(this.count - 1) - this.#start;
  }

  /** All the text of the batch: every line with its newline. */
  get block(): Uint8Array {
    return this.text.subarray(this.#start, this.endOf(this.count - 1));
  }

  startOf(index: number): number {
    return index === 0 ? this.#start : (this.ends[index - 1] as number);
  }

  /** Offset just behind the newline of line `index`; of -1: where the first line begins. */
  endOf(index: number): number {
    return index < 0 ? this.#start : (this.ends[index] as number);
  }

  /** The line's bytes without its newline. */
  bytesAt(index: number): Uint8Array {
    return this.text.subarray(this.startOf(index), this.endOf(index) - 1);
  }

  textAt(index: number): string {
    return decoder.decode(this.bytesAt(index));
  }

  streamAt(index: number): StreamName {
    return ((this.flags[index] as number) & stderrFlag) !== 0 ? "stderr" : "stdout";
  }

  /** True if any of the lines is of this stream. */
  hasStream(stream: StreamName): boolean {
    for (let index = 0; index < this.count; index++) if (this.streamAt(index) === stream) return true;
    return false;
  }

  isCutAt(index: number): boolean {
    return ((this.flags[index] as number) & cutFlag) !== 0;
  }

  lineAt(index: number): Line {
    return {
      seq: this.firstSeq + index,
      seconds: this.seconds[index] as number,
      nanos: this.nanos[index] as number,
      stream: this.streamAt(index),
      cut: this.isCutAt(index),
      text: this.textAt(index),
    };
  }

  *lines(): Generator<Line> {
    for (let index = 0; index < this.count; index++) yield this.lineAt(index);
  }

  /** Runs of consecutive lines with equal stamp and flags, as [from, to) indexes. */
  *runs(): Generator<readonly [from: number, to: number]> {
    let from = 0;
    for (let to = 1; to <= this.count; to++) {
      if (to < this.count && this.#alike(from, to)) continue;
      yield [from, to];
      from = to;
    }
  }

  #alike(a: number, b: number): boolean {
    return (
      this.nanos[a] === this.nanos[b] &&
      this.seconds[a] === this.seconds[b] &&
      this.flags[a] === this.flags[b]
    );
  }

  /** Lines [from, to) by index, sharing this batch's memory. */
  slice(from: number, to: number): LineBatch {
    if (from === 0 && to === this.count) return this;
    return new LineBatch(
      this.firstSeq + from,
      this.text,
      this.ends.subarray(from, to),
      this.seconds.subarray(from, to),
      this.nanos.subarray(from, to),
      this.flags.subarray(from, to),
      this.startOf(from),
    );
  }

  /** The same lines under other numbers, sharing this batch's memory. */
  numbered(firstSeq: number): LineBatch {
    if (firstSeq === this.firstSeq) return this;
    return new LineBatch(firstSeq, this.text, this.ends, this.seconds, this.nanos, this.flags, this.#start);
  }
}

/** Collects lines into a batch. Grows by doubling; `build` hands the memory over and starts anew. */
export class LineBatchBuilder {
  count = 0;
  /** Bytes of text so far, newlines included. */
  bytes = 0;
  #text: Uint8Array;
  #ends: Uint32Array;
  #seconds: Uint32Array;
  #nanos: Uint32Array;
  #flags: Uint8Array;
  readonly #lines: number;
  readonly #bytes: number;

  constructor(lines = 64, bytes = 4096) {
    this.#lines = lines;
    this.#bytes = bytes;
    this.#text = new Uint8Array(bytes);
    this.#ends = new Uint32Array(lines);
    this.#seconds = new Uint32Array(lines);
    this.#nanos = new Uint32Array(lines);
    this.#flags = new Uint8Array(lines);
  }

  /** Adds the line `source[from, to)`, which has no newline in it and is valid UTF-8. */
  add(source: Uint8Array, from: number, to: number, stamp: Stamp, flags: number): void {
    const length = to - from;
    this.#makeRoom(1, length + 1);
    if (length > 0)
      this.#text.set(from === 0 && to === source.length ? source : source.subarray(from, to), this.bytes);
    this.#text[this.bytes + length] = newlineByte;
    this.#push(this.bytes + length + 1, stamp.seconds, stamp.nanos, flags);
  }

  /** Adds lines [from, to) of another batch: one copy of the text for all of them. */
  addFrom(batch: LineBatch, from: number, to: number): void {
    const start = batch.startOf(from);
    const shift = this.bytes - start;
    this.#makeRoom(to - from, batch.endOf(to - 1) - start);
    this.#text.set(batch.text.subarray(start, batch.endOf(to - 1)), this.bytes);
    this.#seconds.set(batch.seconds.subarray(from, to), this.count);
    this.#nanos.set(batch.nanos.subarray(from, to), this.count);
    this.#flags.set(batch.flags.subarray(from, to), this.count);
    for (let index = from; index < to; index++)
      this.#ends[this.count++] = (batch.ends[index] as number) + shift;
    this.bytes = batch.endOf(to - 1) + shift;
  }

  /** Adds all lines of `block`, which are whole (the last ends in a newline) and have one stamp and flags. */
  addBlock(block: Uint8Array, stamp: Stamp, flags: number): void {
    this.#makeRoom(0, block.length);
    this.#text.set(block, this.bytes);
    const base = this.bytes;
    for (let at = block.indexOf(newlineByte); at !== -1; at = block.indexOf(newlineByte, at + 1)) {
      this.#makeRoom(1, 0);
      this.#push(base + at + 1, stamp.seconds, stamp.nanos, flags);
    }
  }

  #push(end: number, seconds: number, nanos: number, flags: number): void {
    this.#ends[this.count] = end;
    this.#seconds[this.count] = seconds;
    this.#nanos[this.count] = nanos;
    this.#flags[this.count] = flags;
    this.count++;
    this.bytes = end;
  }

  #makeRoom(lines: number, bytes: number): void {
    if (this.bytes + bytes > this.#text.length) {
      const grown = new Uint8Array(Math.max(this.#text.length * 2, this.bytes + bytes));
      grown.set(this.#text.subarray(0, this.bytes));
      this.#text = grown;
    }
    if (this.count + lines <= this.#ends.length) return;
    const length = Math.max(this.#ends.length * 2, this.count + lines);
    this.#ends = grown32(this.#ends, length);
    this.#seconds = grown32(this.#seconds, length);
    this.#nanos = grown32(this.#nanos, length);
    const flags = new Uint8Array(length);
    flags.set(this.#flags);
    this.#flags = flags;
  }

  /** Returns what is in it so far, sharing the builder's memory; later `add`s do not change it. */
  view(firstSeq: number): LineBatch {
    return new LineBatch(
      firstSeq,
      this.#text,
      this.#ends.subarray(0, this.count),
      this.#seconds.subarray(0, this.count),
      this.#nanos.subarray(0, this.count),
      this.#flags.subarray(0, this.count),
    );
  }

  /** The batch, in memory of exactly its size. The builder is empty afterwards and may be used again. */
  build(firstSeq: number): LineBatch {
    const batch = new LineBatch(
      firstSeq,
      this.#text.slice(0, this.bytes),
      this.#ends.slice(0, this.count),
      this.#seconds.slice(0, this.count),
      this.#nanos.slice(0, this.count),
      this.#flags.slice(0, this.count),
    );
    this.count = 0;
    this.bytes = 0;
    if (this.#text.length > this.#bytes * 64) this.#text = new Uint8Array(this.#bytes);
    if (this.#ends.length > this.#lines * 64) {
      this.#ends = new Uint32Array(this.#lines);
      this.#seconds = new Uint32Array(this.#lines);
      this.#nanos = new Uint32Array(this.#lines);
      this.#flags = new Uint8Array(this.#lines);
    }
    return batch;
  }
}

function grown32(column: Uint32Array, length: number): Uint32Array {
  const grown = new Uint32Array(length);
  grown.set(column);
  return grown;
}
