// The sparse index of one segment: marks, each of which says where in the file a line begins and what the log amounts to
// before it. The first mark stands at the beginning of the segment; one at its very end says that it is complete.
// On disk: sixteen bytes of magic, then marks of 72 bytes, each with a checksum, only ever appended. An index holds nothing
// that the segment does not: what is missing or wrong in it is worked out again from there.
import { crc32 } from "node:zlib";
import type { Stamp } from "../../base/stamp.ts";
import { LogChecksum } from "../checksum.ts";
import { Tally } from "./tally.ts";

const indexMagic = new TextEncoder().encode("tasklog-index-1\n");
export const indexHeaderBytes = indexMagic.length;
/** The size of one mark, in bytes: changing it changes the format of the file. */
export const markBytes = 72;

/** Offsets within a mark. */
const fieldOffsets = { seq: 0, offset: 8, stdout: 16, stderr: 24, bytes: 32, text: 40, flags: 44 } as const;
const stampOffsets = { last: 48, max: 56, crc: 64 } as const;

export class IndexTable {
  count = 0;
  /** The number of marks in the index file. */
  written = 0;
  #bytes: Buffer;
  #view: DataView;

  constructor(marks = 8) {
    this.#bytes = Buffer.alloc(marks * markBytes);
    this.#view = view(this.#bytes);
  }

  /** Bytes of memory. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Adds a mark: the next line begins at `offset` in the file, before it stands what `tally` says. */
  add(offset: number, tally: Tally): void {
    const at = this.count * markBytes;
    if (at + markBytes > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)]);
      this.#view = view(this.#bytes);
    }
    const to = this.#view;
    to.setFloat64(at + fieldOffsets.seq, tally.nextSeq, true);
    to.setFloat64(at + fieldOffsets.offset, offset, true);
    to.setFloat64(at + fieldOffsets.stdout, tally.stdout, true);
    to.setFloat64(at + fieldOffsets.stderr, tally.stderr, true);
    to.setFloat64(at + fieldOffsets.bytes, tally.bytes, true);
    to.setUint32(at + fieldOffsets.text, tally.checksum.text, true);
    to.setUint32(at + fieldOffsets.flags, tally.checksum.flags, true);
    to.setUint32(at + stampOffsets.last, tally.lastSeconds, true);
    to.setUint32(at + stampOffsets.last + 4, tally.lastNanos, true);
    to.setUint32(at + stampOffsets.max, tally.maxSeconds, true);
    to.setUint32(at + stampOffsets.max + 4, tally.maxNanos, true);
    to.setUint32(at + stampOffsets.crc, crc32(this.#bytes.subarray(at, at + stampOffsets.crc)), true);
    this.count++;
  }

  seqAt(mark: number): number {
    return this.#view.getFloat64(mark * markBytes + fieldOffsets.seq, true);
  }

  offsetAt(mark: number): number {
    return this.#view.getFloat64(mark * markBytes + fieldOffsets.offset, true);
  }

  tallyAt(mark: number): Tally {
    const at = mark * markBytes;
    const from = this.#view;
    const tally = new Tally();
    tally.nextSeq = this.seqAt(mark);
    tally.stdout = from.getFloat64(at + fieldOffsets.stdout, true);
    tally.stderr = from.getFloat64(at + fieldOffsets.stderr, true);
    tally.bytes = from.getFloat64(at + fieldOffsets.bytes, true);
    tally.checksum = new LogChecksum(
      from.getUint32(at + fieldOffsets.text, true),
      from.getUint32(at + fieldOffsets.flags, true),
    );
    tally.lastSeconds = from.getUint32(at + stampOffsets.last, true);
    tally.lastNanos = from.getUint32(at + stampOffsets.last + 4, true);
    tally.maxSeconds = from.getUint32(at + stampOffsets.max, true);
    tally.maxNanos = from.getUint32(at + stampOffsets.max + 4, true);
    return tally;
  }

  /** The last mark at or before the line `seq`; 0 where all are behind it. */
  markOfSeq(seq: number): number {
    return this.#lastWhere((mark) => this.seqAt(mark) <= seq);
  }

  /** The last mark before which no line has this stamp or a later one. */
  markOfStamp(stamp: Stamp): number {
    return this.#lastWhere((mark) => !this.tallyAt(mark).hasReached(stamp));
  }

  #lastWhere(holds: (mark: number) => boolean): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (holds(middle)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The bytes of the index file from mark `from` to mark `to`, with the header where `from` is 0. */
  encoded(from = 0, to = this.count): Buffer {
    const marks = this.#bytes.subarray(from * markBytes, to * markBytes);
    return from === 0 ? Buffer.concat([indexMagic, marks]) : marks;
  }

  /** The marks of an index file up to the first that is damaged, out of order or beyond `fileBytes`; maybe none. */
  static decode(encoded: Buffer, firstSeq: number, fileBytes: number): IndexTable {
    const table = new IndexTable(Math.max(8, Math.ceil(encoded.length / markBytes)));
    if (!encoded.subarray(0, indexMagic.length).equals(indexMagic)) return table;
    const marks = encoded.subarray(indexMagic.length);
    table.#bytes.set(marks.subarray(0, table.#bytes.length));
    const last = { seq: firstSeq, offset: 0 };
    for (let at = 0; at + markBytes <= marks.length; at += markBytes) {
      const mark = decodeMark(marks.subarray(at, at + markBytes), table.count, table);
      if (!mark || mark.seq < last.seq || mark.offset < last.offset || mark.offset > fileBytes) break;
      if (at === 0 && (mark.seq !== firstSeq || mark.offset !== 0)) break;
      last.seq = mark.seq;
      last.offset = mark.offset;
      table.count++;
    }
    table.written = table.count;
    return table;
  }

  /** The tally of the one mark behind a header if it is sound and stands at `fileBytes`, the end of the segment. */
  static decodeLast(encoded: Buffer, firstSeq: number, fileBytes: number): Tally | undefined {
    if (!encoded.subarray(0, indexMagic.length).equals(indexMagic)) return undefined;
    const table = new IndexTable(1);
    const mark = encoded.subarray(indexMagic.length);
    table.#bytes.set(mark.subarray(0, markBytes));
    const last = decodeMark(mark, 0, table);
    return last && last.offset === fileBytes && last.seq >= firstSeq ? table.tallyAt(0) : undefined;
  }
}

function decodeMark(
  mark: Buffer,
  index: number,
  table: IndexTable,
): { seq: number; offset: number } | undefined {
  if (mark.readUInt32LE(stampOffsets.crc) !== crc32(mark.subarray(0, stampOffsets.crc))) return undefined;
  return { seq: table.seqAt(index), offset: table.offsetAt(index) };
}

function view(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
