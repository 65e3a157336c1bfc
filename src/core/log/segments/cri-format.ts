// Lines to and from the text on disk, in the CRI log format that kubelet, Fluent Bit, Vector and lnav read:
//   2026-11-23T07:51:53.417678314Z stdout F text
// The tag is `F` (a full line), or `F:cut` where it is not whole: longer than `lineBytesMax`, or beside a gap. `P` (a line that goes on in the
// next record) is never written: lines are joined before they get a number, one record is one seq.
// Nothing here makes an object or a string per line; that is where the speed comes from.
import { newlineByte } from "../../base/bytes.ts";
import { cutFlag, LineBatch } from "../line-batch.ts";
import { cutBytes, parsePrefix, prefixBytes, writePrefix } from "./cri-stamp.ts";

const cutTag = new TextEncoder().encode(":cut ");

/** An upper bound of the bytes that `lines` lines with `textBytes` bytes of text (newlines included) take on disk. */
export function recordBytesMax(lines: number, textBytes: number): number {
  return textBytes + lines * (prefixBytes + cutBytes);
}

/** Writes the batch to `target` at `at`, where `recordBytesMax` bytes are free. Returns the offset behind it. */
export function encodeLines(batch: LineBatch, target: Buffer, at: number): number {
  const { count, ends, seconds, nanos, flags } = batch;
  const text = Buffer.from(batch.text.buffer, batch.text.byteOffset, batch.text.byteLength);
  let from = batch.startOf(0);
  let previous = -1;
  for (let index = 0; index < count; index++) {
    const end = ends[index] as number;
    const flag = flags[index] as number;
    if (previous >= 0 && isSame(batch, index)) target.copyWithin(at, previous, previous + prefixBytes);
    else writePrefix(target, at, seconds[index] as number, nanos[index] as number, flag);
    previous = at;
    at += prefixBytes;
    if ((flag & cutFlag) !== 0) {
      target.set(cutTag, at - 1);
      at += cutBytes;
      previous = -1;
    }
    text.copy(target, at, from, end);
    at += end - from;
    from = end;
  }
  return at;
}

function isSame(batch: LineBatch, index: number): boolean {
  return (
    batch.nanos[index] === batch.nanos[index - 1] &&
    batch.seconds[index] === batch.seconds[index - 1] &&
    batch.flags[index] === batch.flags[index - 1]
  );
}

// Columns of the lines being decoded. Decoding is synchronous, so one set is enough for all.
let columns = 4096;
let starts = new Uint32Array(columns);
let ends = new Uint32Array(columns);
let seconds = new Uint32Array(columns);
let nanos = new Uint32Array(columns);
let flags = new Uint8Array(columns);

export interface Decoded {
  /** undefined: the first record is not whole, or damaged. */
  readonly batch: LineBatch | undefined;
  /** Offset behind the last record of the batch. */
  readonly end: number;
  /** The end of a damaged record that stopped the batch (behind its newline); 0 if there was none. */
  readonly damagedEnd: number;
}

/**
 * The records of `source` in [from, to), the first of which has number `firstSeq`: at most `bytesMax` bytes of text, but
 * at least one line. Stops before a record that is not whole or damaged. The batch has memory of its own.
 */
export function decodeLines(
  source: Buffer,
  from: number,
  to: number,
  firstSeq: number,
  bytesMax: number,
): Decoded {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let at = from;
  let known = -1; // where the last parsed prefix stands
  let second = 0;
  let nano = 0;
  let stream = 0;
  let count = 0;
  let bytes = 0;
  let damagedEnd = 0;
  while (at < to) {
    const newline = source.indexOf(newlineByte, at);
    if (newline === -1 || newline >= to) break;
    let start = at + prefixBytes;
    if (newline < start) {
      damagedEnd = newline + 1;
      break;
    }
    if (known < 0 || !isSamePrefix(view, at, known)) {
      const prefix = parsePrefix(source, at);
      if (prefix === undefined) {
        damagedEnd = newline + 1;
        break;
      }
      second = prefix.seconds;
      nano = prefix.nanos;
      stream = prefix.flags;
      known = at;
    }
    let flag = stream;
    if (source[start - 1] !== 0x20) {
      if (!isCutTag(source, start - 1)) {
        damagedEnd = newline + 1;
        break;
      }
      flag |= cutFlag;
      start += cutBytes;
    }
    const length = newline + 1 - start;
    if (count > 0 && bytes + length > bytesMax) break;
    if (count === columns) growColumns();
    starts[count] = start;
    seconds[count] = second;
    nanos[count] = nano;
    flags[count] = flag;
    bytes += length;
    ends[count] = bytes;
    count++;
    at = newline + 1;
  }
  if (count === 0) return { batch: undefined, end: from, damagedEnd };
  return { batch: collect(source, firstSeq, count, bytes), end: at, damagedEnd };
}

/** The second pass: the texts, packed into memory of exactly their size. */
function collect(source: Buffer, firstSeq: number, count: number, bytes: number): LineBatch {
  const text = new Uint8Array(bytes);
  let to = 0;
  for (let index = 0; index < count; index++) {
    const end = ends[index] as number;
    const start = starts[index] as number;
    source.copy(text, to, start, start + end - to);
    to = end;
  }
  return new LineBatch(
    firstSeq,
    text,
    ends.slice(0, count),
    seconds.slice(0, count),
    nanos.slice(0, count),
    flags.slice(0, count),
  );
}

function isSamePrefix(view: DataView, a: number, b: number): boolean {
  for (let place = 36; place >= 0; place -= 4) {
    if (view.getUint32(a + place) !== view.getUint32(b + place)) return false;
  }
  return true;
}

function isCutTag(source: Uint8Array, at: number): boolean {
  for (let place = 0; place < cutTag.length; place++) {
    if (source[at + place] !== cutTag[place]) return false;
  }
  return true;
}

function growColumns(): void {
  columns *= 2;
  const grow = (column: Uint32Array) => {
    const grown = new Uint32Array(columns);
    grown.set(column);
    return grown;
  };
  starts = grow(starts);
  ends = grow(ends);
  seconds = grow(seconds);
  nanos = grow(nanos);
  const grownFlags = new Uint8Array(columns);
  grownFlags.set(flags);
  flags = grownFlags;
}

/** The offset behind `count` records from `from` on, or -1 where [from, to) does not hold as many. */
export function skipRecords(source: Buffer, from: number, to: number, count: number): number {
  let at = from;
  for (let left = count; left > 0; left--) {
    const newline = source.indexOf(newlineByte, at);
    if (newline === -1 || newline >= to) return -1;
    at = newline + 1;
  }
  return at;
}
