// A segment that was compressed: zstd frames of about half a megabyte of text, each of which stands on its own and begins
// with a line. `zstdcat` prints the whole; a reader decompresses the one frame that its line is in. The index has one mark
// a frame and one at the end.
import { type FileHandle, open, stat, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { BoundedMap } from "../../base/bounded-map.ts";
import type { LineBatch } from "../line-batch.ts";
import type { LogGap } from "../log-item.ts";
import { decodeLines, skipRecords } from "./cri-format.ts";
import { IndexTable } from "./index-table.ts";
import { readLastMark } from "./plain-segment.ts";
import { readFully } from "./scan-text.ts";
import { damagedGap, type Segment } from "./segment.ts";
import { indexPath, readIfFile, type SegmentFile, segmentPath } from "./segment-files.ts";
import type { Tally } from "./tally.ts";
import { frameEnds } from "./zstd-frames.ts";

/** Text of one frame, in bytes, unless one line is longer; and what no frame of ours exceeds. */
export const frameTextBytes = 512 * 1024;
const frameTextBytesMax = 64 * 1024 * 1024;

const decompress = promisify(zstdDecompress);

interface Frame {
  readonly text: Buffer;
  readonly mark: number;
  /** The seq of its first line. */
  readonly firstSeq: number;
  /**
   * The place where the last read ended, so that the next one need not count lines. Readers share it and may be at
   * other places.
   */
  seq: number;
  at: number;
}

/** The frame that was read last, of the segments that were read lately: at most about 8 MiB over all logs. */
const frames = new BoundedMap<SealedSegment, Frame>(16);
const tables = new BoundedMap<SealedSegment, IndexTable>(16);

export class SealedSegment implements Segment {
  readonly file: SegmentFile;
  readonly dir: string;
  readonly path: string;
  readonly base: Tally;
  readonly end: Tally;
  readonly bytes: number;

  private constructor(dir: string, base: Tally, end: Tally, bytes: number) {
    this.file = { firstSeq: base.nextSeq, sealed: true };
    this.dir = dir;
    this.path = segmentPath(dir, this.file);
    this.base = base;
    this.end = end;
    this.bytes = bytes;
  }

  get nextSeq(): number {
    return this.end.nextSeq;
  }

  static async open(dir: string, base: Tally): Promise<SealedSegment> {
    const file = { firstSeq: base.nextSeq, sealed: true };
    const bytes = (await stat(segmentPath(dir, file))).size;
    const end = await readLastMark(indexPath(dir, file), file, bytes);
    if (end) return new SealedSegment(dir, base, end, bytes);
    const table = await rebuild(dir, file, bytes, base);
    return new SealedSegment(dir, base, table.tallyAt(table.count - 1), bytes);
  }

  async index(): Promise<IndexTable> {
    const kept = tables.get(this);
    if (kept) return kept;
    const encoded = (await readIfFile(indexPath(this.dir, this.file))) ?? Buffer.alloc(0);
    let table = IndexTable.decode(encoded, this.file.firstSeq, this.bytes);
    const isWhole = table.count > 0 && table.offsetAt(table.count - 1) === this.bytes;
    if (!isWhole) table = await rebuild(this.dir, this.file, this.bytes, this.base);
    tables.set(this, table);
    return table;
  }

  async read(seq: number, bytesMax: number): Promise<LineBatch | LogGap> {
    const frame = await this.#frameOf(seq);
    if (!frame) return damagedGap(seq, this.nextSeq - 1);
    const { text } = frame;
    const from = frame.seq <= seq ? frame : { seq: frame.firstSeq, at: 0 };
    const at = skipRecords(text, from.at, text.length, seq - from.seq);
    if (at === -1 || at >= text.length) {
      const table = await this.index();
      return damagedGap(
        seq,
        Math.max(seq, (frame.mark + 1 < table.count ? table.seqAt(frame.mark + 1) : this.nextSeq) - 1),
      );
    }
    const { batch, end, damagedEnd } = decodeLines(text, at, text.length, seq, bytesMax);
    frame.seq = batch ? seq + batch.count : seq + 1;
    frame.at = batch ? end : damagedEnd;
    return batch ?? damagedGap(seq, seq);
  }

  /** The frame the line is in, from memory where the last read has left it; undefined: it cannot be decompressed. */
  async #frameOf(seq: number): Promise<Frame | undefined> {
    const table = await this.index();
    const mark = table.markOfSeq(seq);
    const kept = frames.get(this);
    if (kept?.mark === mark) return kept;
    if (mark + 1 >= table.count) return undefined;
    const handle = await open(this.path, "r");
    try {
      const text = await readFrame(handle, table.offsetAt(mark), table.offsetAt(mark + 1)).catch(ifDamaged);
      if (!text) return undefined;
      const firstSeq = table.seqAt(mark);
      const frame = { text, mark, firstSeq, seq: firstSeq, at: 0 };
      frames.set(this, frame);
      return frame;
    } finally {
      await handle.close();
    }
  }
}

/** The text of the frame in [from, to) of the file. Throws where it is damaged. */
export async function readFrame(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const packed = Buffer.allocUnsafe(to - from);
  const got = await readFully(handle, packed, to - from, from);
  return await decompress(packed.subarray(0, got), { maxOutputLength: frameTextBytesMax });
}

function ifDamaged(thrown: unknown): undefined {
  const code = (thrown as NodeJS.ErrnoException).code ?? "";
  if (/^(E[A-Z]+)$/.test(code)) throw thrown; // the disk, not the content
  return undefined;
}

/** Works the index out from the frames, and saves it if there is room. A damaged frame hides what is behind it. */
async function rebuild(dir: string, file: SegmentFile, bytes: number, base: Tally): Promise<IndexTable> {
  const table = new IndexTable();
  const tally = base.copy();
  tally.startSegment();
  table.add(0, tally);
  const handle = await open(segmentPath(dir, file), "r");
  try {
    let from = 0;
    for await (const to of frameEnds(handle, bytes)) {
      const text = await readFrame(handle, from, to).catch(ifDamaged);
      if (!text) break;
      addFrame(tally, text);
      table.add(to, tally);
      from = to;
    }
  } finally {
    await handle.close();
  }
  await writeFile(indexPath(dir, file), table.encoded(), { mode: 0o600 }).catch(() => {});
  return table;
}

/** Adds all lines of a frame's text. */
export function addFrame(tally: Tally, text: Buffer): void {
  for (let at = 0; at < text.length; ) {
    const { batch, end, damagedEnd } = decodeLines(text, at, text.length, tally.nextSeq, text.length);
    if (batch) {
      tally.add(batch);
      at = end;
    } else if (damagedEnd > 0) {
      tally.addDamaged();
      at = damagedEnd;
    } else return;
  }
}
