// A segment whose lines are a text file. It reads by position and holds no file open between reads; the next read of a
// cursor is found by a hint, any other by the index and at most one block of it. Writing it is open-segment.ts' business.
import { type FileHandle, open, writeFile } from "node:fs/promises";
import { BoundedMap } from "../../base/bounded-map.ts";
import type { LineBatch } from "../line-batch.ts";
import type { LogGap } from "../log-item.ts";
import { decodeLines, skipRecords } from "./cri-format.ts";
import { IndexTable, indexHeaderBytes, markBytes } from "./index-table.ts";
import { completeIndex, readFully } from "./scan-text.ts";
import { damagedGap, type Segment } from "./segment.ts";
import { ifMissing, indexPath, readIfFile, type SegmentFile, segmentPath } from "./segment-files.ts";
import type { Tally } from "./tally.ts";

/** Ends of reads that are remembered for each segment: readers that go on there need no search. More readers than this are rare. */
const hintsMax = 16;
/** The bounds of one read of the file, in bytes: less costs a call for a few lines, more costs memory that is kept. */
const readBytesMin = 16 * 1024;
const readBytesMax = 8 * 1024 * 1024;

/** Indexes of segments that were read lately, over all logs: at most about 1 MiB. */
const tables = new BoundedMap<PlainSegment, IndexTable>(16);
/** Buffers between reads. */
const scratches: Buffer[] = [];

export class PlainSegment implements Segment {
  readonly file: SegmentFile;
  readonly dir: string;
  readonly path: string;
  readonly base: Tally;
  end: Tally;
  nextSeq: number;
  bytes: number;
  /** Kept while the segment grows. */
  table: IndexTable | undefined;
  readonly #everyBytes: number;
  /** The offsets of lines at which a read has ended. */
  readonly #hints = new BoundedMap<number, number>(hintsMax);

  /** A new one, without lines; `base` is what the log amounts to before it. */
  constructor(dir: string, base: Tally, everyBytes: number) {
    this.file = { firstSeq: base.nextSeq, sealed: false };
    this.dir = dir;
    this.path = segmentPath(dir, this.file);
    this.base = base;
    this.end = base.copy();
    this.end.startSegment();
    this.nextSeq = base.nextSeq;
    this.bytes = 0;
    this.#everyBytes = everyBytes;
  }

  /**
   * One that is on disk. Where its index is complete, no line of it is read; else what the index lacks is. With `isLast`
   * what a crash left behind the last sound line is cut off.
   */
  static async open(dir: string, base: Tally, everyBytes: number, isLast: boolean): Promise<PlainSegment> {
    const segment = new PlainSegment(dir, base, everyBytes);
    const handle = await openText(segment.path, isLast);
    try {
      const size = (await handle.stat()).size;
      const end = isLast ? undefined : await readLastMark(indexPath(dir, segment.file), segment.file, size);
      if (end) {
        segment.#setEnd(end, size);
        return segment;
      }
      const table = await segment.#complete(handle, size);
      if (!isLast) return segment;
      // On a read-only disk the lines can still be read; new ones then begin another segment.
      const isCut = segment.bytes === size || (await succeeds(handle.truncate(segment.bytes)));
      if (isCut) segment.table = table;
      return segment;
    } finally {
      await handle.close();
    }
  }

  #setEnd(end: Tally, bytes: number): void {
    this.end = end;
    this.nextSeq = end.nextSeq;
    this.bytes = bytes;
  }

  /** The writer has brought the file to `bytes` bytes, up to the line before `nextSeq`. */
  advance(bytes: number, nextSeq: number): void {
    this.bytes = bytes;
    this.nextSeq = nextSeq;
  }

  async index(): Promise<IndexTable> {
    const kept = this.table ?? tables.get(this);
    if (kept) return kept;
    const handle = await open(this.path, "r");
    try {
      const table = await this.#complete(handle, this.bytes);
      tables.set(this, table);
      return table;
    } finally {
      await handle.close();
    }
  }

  async #complete(handle: FileHandle, fileBytes: number, isTrusted = true): Promise<IndexTable> {
    const path = indexPath(this.dir, this.file);
    const encoded = (isTrusted && (await readIfFile(path))) || Buffer.alloc(0);
    const table = IndexTable.decode(encoded, this.file.firstSeq, fileBytes);
    const { end, bytes } = await completeIndex(handle, table, fileBytes, this.base, this.#everyBytes);
    this.#setEnd(end, bytes);
    const isWhole = encoded.length === indexHeaderBytes + table.written * markBytes;
    if (table.written < table.count || !isWhole) {
      // An index can be worked out again at any time: a disk that has no room for it is no failure.
      const isSaved = await succeeds(writeFile(path, table.encoded(), { mode: 0o600 }));
      table.written = isSaved ? table.count : 0;
    }
    return table;
  }

  async read(seq: number, bytesMax: number): Promise<LineBatch | LogGap> {
    const { bytes, nextSeq } = this;
    const handle = await open(this.path, "r");
    let buffer = scratches.pop() ?? Buffer.allocUnsafeSlow(1024 * 1024);
    try {
      const from = await this.#offsetOf(handle, seq);
      if (from === undefined) return damagedGap(seq, nextSeq - 1);
      let want = Math.min(Math.max(bytesMax, readBytesMin), readBytesMax, bytes - from);
      for (;;) {
        if (buffer.length < want) buffer = Buffer.allocUnsafeSlow(want);
        const got = await readFully(handle, buffer, want, from);
        const decoded = decodeLines(buffer, 0, got, seq, bytesMax);
        const { batch } = decoded;
        if (batch) {
          this.#hints.set(seq + batch.count, from + decoded.end);
          return batch;
        }
        if (decoded.damagedEnd > 0) {
          this.#hints.set(seq + 1, from + decoded.damagedEnd);
          return damagedGap(seq, seq);
        }
        if (got < want || want >= bytes - from) return damagedGap(seq, nextSeq - 1); // the file became shorter
        want = Math.min(want * 4, bytes - from);
      }
    } finally {
      if (scratches.length < 4 && buffer.length <= readBytesMax) scratches.push(buffer);
      await handle.close();
    }
  }

  /** Finds the offset of a line; undefined if the file does not hold it, whatever its index says. */
  async #offsetOf(handle: FileHandle, seq: number): Promise<number | undefined> {
    if (seq === this.file.firstSeq) return 0;
    const hint = this.#hints.get(seq);
    if (hint !== undefined) return hint;
    const found = await this.#offsetByIndex(handle, seq, await this.index());
    if (found !== undefined || this.table) return found;
    // The index contradicts the file: somebody changed one of them. The file is right.
    const { end, nextSeq, bytes } = this;
    const table = await this.#complete(handle, bytes, false);
    this.end = end;
    this.advance(bytes, nextSeq);
    tables.set(this, table);
    return await this.#offsetByIndex(handle, seq, table);
  }

  async #offsetByIndex(handle: FileHandle, seq: number, table: IndexTable): Promise<number | undefined> {
    const mark = table.markOfSeq(seq);
    const from = table.offsetAt(mark);
    const isInner = mark + 1 < table.count && table.offsetAt(mark + 1) <= this.bytes;
    const length = (isInner ? table.offsetAt(mark + 1) : this.bytes) - from;
    const block = Buffer.allocUnsafe(length);
    const got = await readFully(handle, block, length, from);
    const at = skipRecords(block, 0, got, seq - table.seqAt(mark));
    if (at === -1 || at >= got) return undefined;
    if (!isInner) return from + at;
    const end = skipRecords(block, at, got, table.seqAt(mark + 1) - seq);
    return end === got ? from + at : undefined;
  }
}

async function openText(path: string, isWritable: boolean): Promise<FileHandle> {
  if (!isWritable) return await open(path, "r");
  return await open(path, "r+").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EROFS" || error.code === "EACCES") return open(path, "r");
    throw error;
  });
}

function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/** Reads the last mark of an index file if it is whole and stands at the end of its segment, of `fileBytes` bytes. */
export async function readLastMark(
  path: string,
  file: SegmentFile,
  fileBytes: number,
): Promise<Tally | undefined> {
  const handle = await open(path, "r").catch(ifMissing(undefined));
  if (!handle) return undefined;
  try {
    const size = (await handle.stat()).size;
    const bytes = Buffer.alloc(indexHeaderBytes + markBytes);
    if (size < bytes.length || (size - indexHeaderBytes) % markBytes !== 0) return undefined;
    await readFully(handle, bytes, indexHeaderBytes, 0);
    await readFully(handle, bytes.subarray(indexHeaderBytes), markBytes, size - markBytes);
    return IndexTable.decodeLast(bytes, file.firstSeq, fileBytes);
  } finally {
    await handle.close();
  }
}
