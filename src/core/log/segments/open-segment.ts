// The segment at the end of a log, which grows: lines are appended to memory at once and reach the file one large write
// after the other. The index file follows the text and never leads it.
import { type FileHandle, open } from "node:fs/promises";
import type { LineBatch } from "../line-batch.ts";
import { Chunk } from "./chunk.ts";
import { IndexTable, indexHeaderBytes, markBytes } from "./index-table.ts";
import type { PlainSegment } from "./plain-segment.ts";
import { indexPath } from "./segment-files.ts";
import type { Tally } from "./tally.ts";

export class OpenSegment {
  readonly segment: PlainSegment;
  /** Set by `end`: no more lines come, the file may be closed once all are written. */
  isEnded = false;
  readonly #table: IndexTable;
  readonly #everyBytes: number;
  readonly #chunks: Chunk[] = [];
  /** Bytes of the file once everything is written. */
  #bytes: number;
  #marked: number;
  #file: FileHandle | undefined;
  #index: FileHandle | undefined;
  #isSynced = true;

  /** Goes on with `segment`, which is new or was the last one of a log that was opened. */
  constructor(segment: PlainSegment, tally: Tally, everyBytes: number) {
    this.segment = segment;
    this.#everyBytes = everyBytes;
    this.#bytes = segment.bytes;
    this.#table = segment.table ?? new IndexTable();
    segment.table = this.#table;
    segment.end = tally; // as it grows
    if (this.#table.count === 0) this.#table.add(0, tally);
    this.#marked = this.#table.offsetAt(this.#table.count - 1);
  }

  /** Bytes of the file once everything is written. */
  get bytes(): number {
    return this.#bytes;
  }

  get hasUnwritten(): boolean {
    return this.#chunks.length > 0;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Adds lines; `before` is what the log amounts to before them. Returns how many bytes they will take. */
  append(batch: LineBatch, before: Tally): number {
    if (this.#bytes - this.#marked >= this.#everyBytes) this.#mark(before);
    let chunk = this.#chunks.at(-1);
    if (!chunk?.hasRoomFor(batch)) {
      chunk = new Chunk(batch);
      this.#chunks.push(chunk);
    }
    const bytes = chunk.add(batch);
    this.#bytes += bytes;
    return bytes;
  }

  end(tally: Tally): void {
    this.isEnded = true;
    this.segment.end = tally.copy();
    if (this.#bytes > this.#marked) this.#mark(tally);
  }

  #mark(tally: Tally): void {
    this.#table.add(this.#bytes, tally);
    this.#marked = this.#bytes;
  }

  /** Lines from `seq` on out of memory, if they are still there. */
  readUnwritten(seq: number, bytesMax: number): LineBatch | undefined {
    if (seq < this.segment.nextSeq) return undefined;
    const chunk = this.#chunks.find((chunk) => seq >= chunk.firstSeq && seq < chunk.nextSeq);
    return chunk?.read(seq, bytesMax);
  }

  /** Writes the first chunk that waits, as it is now. Returns the bytes written. Throws what the system throws. */
  async writeNext(isSyncing: boolean): Promise<number> {
    const chunk = this.#chunks[0];
    if (!chunk) return 0;
    this.#file ??= await open(this.segment.path, this.segment.bytes > 0 ? "r+" : "w+", 0o600);
    const { used, nextSeq, written } = chunk;
    this.#isSynced = false;
    const start = this.segment.bytes;
    for (let done = written; done < used; ) {
      const result = await this.#file.write(chunk.buffer, done, used - done, start + done - written);
      done += result.bytesWritten;
    }
    if (isSyncing) await this.sync();
    this.segment.advance(start + used - written, nextSeq);
    chunk.written = used;
    if (chunk.used === used) {
      this.#chunks.shift();
      chunk.release();
    }
    await this.#writeIndex();
    return used - written;
  }

  /** Brings the marks of what is written to the index file; what fails is left for the next time. */
  async #writeIndex(): Promise<void> {
    const table = this.#table;
    const from = table.written;
    let to = table.count;
    while (to > from && table.offsetAt(to - 1) > this.segment.bytes) to--;
    if (to === from) return;
    const path = indexPath(this.segment.dir, this.segment.file);
    try {
      this.#index ??= await open(path, from > 0 ? "r+" : "w+", 0o600);
      const bytes = table.encoded(from, to);
      const at = from === 0 ? 0 : indexHeaderBytes + from * markBytes;
      const { bytesWritten } = await this.#index.write(bytes, 0, bytes.length, at);
      if (bytesWritten === bytes.length) table.written = to;
    } catch {
      // An index can be worked out again at any time: a disk that has no room for it is no failure.
    }
  }

  async sync(): Promise<void> {
    if (this.#isSynced || !this.#file) return;
    this.#isSynced = true;
    try {
      await this.#file.datasync();
    } catch (error) {
      this.#isSynced = false;
      throw error;
    }
  }

  /** Gives up what is not written: the segment ends before it. Returns how many bytes that is. */
  abandon(): number {
    let bytes = 0;
    for (const chunk of this.#chunks.splice(0)) {
      bytes += chunk.used - chunk.written;
      chunk.release();
    }
    return bytes;
  }

  /** Closes the files. All lines are written or given up. */
  async close(isSyncing: boolean): Promise<void> {
    try {
      await this.#writeIndex();
      if (isSyncing) await this.sync();
    } finally {
      const files = [this.#file, this.#index];
      this.#file = undefined;
      this.#index = undefined;
      this.segment.table = undefined;
      // Each is closed, also where the first cannot be.
      await Promise.all(files.map((file) => file?.close()));
    }
  }
}
