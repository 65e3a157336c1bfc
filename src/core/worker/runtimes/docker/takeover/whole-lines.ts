// Joins the records of one stream of the engine's log to whole lines: a line longer than 16 KiB comes in parts.
import { lineBytesMax } from "../../../../limits.ts";

const NEWLINE = 10;

export class WholeLines {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** The line that this record ends, with its newline; undefined while it goes on. */
  add(record: Uint8Array): Uint8Array | undefined {
    const ends = record[record.length - 1] === NEWLINE;
    if (ends && this.#parts.length === 0) return record;
    // Whoever reads lines cuts them there: what is beyond would be thrown away.
    if (this.#bytes <= lineBytesMax) {
      this.#parts.push(record);
      this.#bytes += record.length;
    } else if (ends) {
      this.#parts.push(record.subarray(-1));
    }
    return ends ? this.rest() : undefined;
  }

  /** What is there of a line without its newline; undefined: nothing. */
  rest(): Uint8Array | undefined {
    if (this.#parts.length === 0) return undefined;
    const line = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    return line;
  }
}
