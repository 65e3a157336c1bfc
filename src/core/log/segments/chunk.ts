// Records that wait for the disk: a buffer of whole lines, as they will stand in the file. Buffers are lent from a small
// stock that all logs share, so that a quiet task holds none.
import type { LineBatch } from "../line-batch.ts";
import { decodeLines, encodeLines, recordBytesMax, skipRecords } from "./cri-format.ts";

/** The size of one write in bytes, unless one line is longer. */
const chunkBytes = 256 * 1024;
const stockChunksMax = 8;
const stock: Buffer[] = [];

export class Chunk {
  readonly firstSeq: number;
  nextSeq: number;
  /** Bytes of records in `buffer`, and how many of them are on disk. */
  used = 0;
  written = 0;
  readonly buffer: Buffer;

  /** A chunk with room for at least the batch. */
  constructor(batch: LineBatch) {
    this.firstSeq = batch.firstSeq;
    this.nextSeq = batch.firstSeq;
    const need = recordBytesMax(batch.count, batch.bytes);
    this.buffer =
      need > chunkBytes ? Buffer.allocUnsafeSlow(need) : (stock.pop() ?? Buffer.allocUnsafeSlow(chunkBytes));
  }

  hasRoomFor(batch: LineBatch): boolean {
    return this.used + recordBytesMax(batch.count, batch.bytes) <= this.buffer.length;
  }

  /** Returns how many bytes the records took. */
  add(batch: LineBatch): number {
    const before = this.used;
    this.used = encodeLines(batch, this.buffer, before);
    this.nextSeq += batch.count;
    return this.used - before;
  }

  /** Lines from `seq` on, which is in it. */
  read(seq: number, bytesMax: number): LineBatch {
    const at = skipRecords(this.buffer, 0, this.used, seq - this.firstSeq);
    return decodeLines(this.buffer, at, this.used, seq, bytesMax).batch as LineBatch;
  }

  /** Gives the buffer back; the chunk is not used again. */
  release(): void {
    if (stock.length < stockChunksMax && this.buffer.length === chunkBytes) stock.push(this.buffer);
  }
}
