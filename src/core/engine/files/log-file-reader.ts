// Reads one open log file on from an offset, a piece at a time. Each piece begins with the record that was read last:
// where it does not, somebody emptied the file (`truncate`, logrotate's copytruncate, the engine itself at max-file=1),
// also when it has grown again since. A record that is being written is none until it is whole.
import { engineLogReadBytes, engineRecordBytesMax } from "../../base/limits.ts";
import type { LogRecord, RecordFormat } from "../records/record-format.ts";
import type { LogPlace } from "../sources/engine-log.ts";
import { stampText } from "./file-identity.ts";
import type { OpenLogFile } from "./open-log-file.ts";

/** The next result: records, nothing yet, or what is wrong with the file before the next records. */
export type Piece = LogRecord[] | "nothing" | "emptied" | "damaged";

export class LogFileReader {
  readonly file: OpenLogFile;
  readonly #format: RecordFormat;
  #offset: number;
  /** Offsets over which no piece goes on. */
  stops: readonly number[] = [];
  /** The record before the offset. */
  #last = { bytes: 0, stamp: "" };
  /** The file as it was when all of it had been read. */
  #seen = "";
  #seenAtMs = 0;

  constructor(file: OpenLogFile, format: RecordFormat, offset = 0) {
    this.file = file;
    this.#format = format;
    this.#offset = offset;
  }

  /** Bytes of the file that were read. */
  get offset(): number {
    return this.#offset;
  }

  /** The time since all of the file was last read, in ms; infinite if it never was. */
  get readAgoMs(): number {
    return performance.now() - this.#seenAtMs;
  }

  /** Directly behind the record that was read last; undefined before there was one. */
  async place(): Promise<LogPlace | undefined> {
    const first = await this.file.first();
    if (first === undefined || this.#last.bytes === 0) return undefined;
    return { source: "log-file", first, offset: this.#offset, last: this.#last.stamp };
  }

  async next(): Promise<Piece> {
    const { size, changedMs } = this.file.look();
    const seen = `${size} ${changedMs}`;
    if (seen === this.#seen) return this.#nothing(seen);
    for (let bytes = engineLogReadBytes; ; bytes = engineRecordBytesMax) {
      const from = this.#offset - this.#last.bytes;
      const stop = this.stops.find((stop) => stop > this.#offset) ?? Number.POSITIVE_INFINITY;
      const piece = await this.file.read(from, Math.min(this.#last.bytes + bytes, stop - from));
      if (!this.#isWhereItWas(piece)) return this.#emptied(piece);
      const found = this.#decode(piece, this.#last.bytes);
      if (found !== "nothing") return found;
      if (this.#offset + piece.length - this.#last.bytes === stop) {
        // The record before the stop was never finished.
        this.stops = this.stops.filter((other) => other !== stop);
        continue;
      }
      if (piece.length < this.#last.bytes + bytes) return this.#nothing(seen);
      if (bytes === engineRecordBytesMax) return this.#skip(piece.length - this.#last.bytes);
    }
  }

  #nothing(seen: string): "nothing" {
    this.#seen = seen;
    this.#seenAtMs = performance.now();
    return "nothing";
  }

  #isWhereItWas(piece: Buffer): boolean {
    const { bytes, stamp } = this.#last;
    if (bytes === 0) return true;
    const records: LogRecord[] = [];
    return this.#format.decode(piece, 0, bytes, records) === bytes && stampText(records[0]) === stamp;
  }

  /** A writer that does not append leaves zeros up to where it was: then what follows comes behind these. */
  #emptied(piece: Buffer): "emptied" {
    const isHole =
      piece.length >= this.#last.bytes && piece.subarray(0, this.#last.bytes).every((byte) => byte === 0);
    if (!isHole) this.#offset = 0;
    this.#last = { bytes: 0, stamp: "" };
    this.#seen = "";
    this.file.forget();
    return "emptied";
  }

  /** `at`: where in the piece that begins which has not been read. */
  #decode(piece: Buffer, at: number): Piece {
    const records: LogRecord[] = [];
    let start = at;
    let next = this.#format.decode(piece, start, piece.length, records);
    while (next > 0) {
      this.#last.bytes = next - start;
      start = next;
      next = this.#format.decode(piece, start, piece.length, records);
    }
    this.#offset += start - at;
    const last = records.at(-1);
    if (last !== undefined) {
      this.#last.stamp = stampText(last) as string;
      return records;
    }
    return next === 0 ? "nothing" : this.#skip(this.#format.resync(piece, start, piece.length) - start);
  }

  #skip(bytes: number): "damaged" {
    this.#offset += bytes;
    this.#last = { bytes: 0, stamp: "" };
    return "damaged";
  }
}
