// Joins the records of one stream of the engine's log to whole lines: a line longer than 16 KiB comes in parts. A record
// that is shorter than a part and has no newline ends its line, too: the driver `local` leaves it out behind the last
// part (20.10), and a container that ended may not have printed one.
import { lineBytesMax } from "../../base/limits.ts";
import { logPartBytes } from "./log-record.ts";

const newlineByte = 10;
const newline = new Uint8Array([newlineByte]);

export class WholeLines {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** The line that this record ends, with a newline; undefined while it goes on. */
  add(given: Uint8Array): Uint8Array | undefined {
    const ends = endsLine(given);
    const record = ends && given[given.length - 1] !== newlineByte ? Buffer.concat([given, newline]) : given;
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

/** Whether a record is the end of its line. */
export function endsLine(record: Uint8Array): boolean {
  return record.length < logPartBytes || record[record.length - 1] === newlineByte;
}
