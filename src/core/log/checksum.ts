// The checksum of a log: two CRC-32 (ISO-HDLC, as zlib and gzip have it), one over the text of all lines in order, each
// with its newline, and one over one flags byte a line. Together they fix every line, its stream and its place.
// CRC because its whole state is two numbers: it is the same however the lines were batched, it costs nothing beside
// the copy of a line, and a worker that restarts goes on with it from its index instead of reading gigabytes again.
// It tells lost, repeated, swapped and damaged lines; it is no protection against somebody who forges a log.
import { crc32 } from "node:zlib";
import type { LineBatch } from "./line-batch.ts";

export class LogChecksum {
  text: number;
  flags: number;

  constructor(text = 0, flags = 0) {
    this.text = text;
    this.flags = flags;
  }

  /** Adds the lines of a batch; batches are added in the order of their lines. */
  add(batch: LineBatch): void {
    if (batch.count === 0) return;
    this.text = crc32(batch.block, this.text);
    this.flags = crc32(batch.flags, this.flags);
  }

  /** `crc32:<text>-<flags>`, eight hexadecimal digits each. An empty log has zeros. */
  toString(): string {
    return `crc32:${hex(this.text)}-${hex(this.flags)}`;
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
