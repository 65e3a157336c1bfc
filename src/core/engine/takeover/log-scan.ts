// The end of the engine's log of a container, read once and kept as what its lines are recognised by: no text. A scan
// is a snapshot: the engine opens all files of the log at once, so nothing can rotate away while it is read.
import type { StreamName } from "../../log/line-batch.ts";
import type { LogRecord } from "../records/log-record.ts";
import { WholeLines } from "../records/whole-lines.ts";
import { keyOf } from "./line-key.ts";
import { idOf, type RecordId } from "./log-position.ts";

/** The whole lines of one stream. */
class ScannedLines {
  readonly keys: number[] = [];
  /** Milliseconds of the Unix epoch. */
  readonly times: number[] = [];
  /** Index of the record that ends each line. */
  readonly records: number[] = [];

  add(line: Uint8Array, record: number, timeMs: number): void {
    this.keys.push(keyOf(line));
    this.times.push(timeMs);
    this.records.push(record);
  }
}

export class LogScan {
  readonly stdout = new ScannedLines();
  readonly stderr = new ScannedLines();
  /** No record is older: the scan reaches back to the first one that the engine still has. */
  isAll = false;
  /** At most what the records take in the engine's files, in bytes: a json-file, which takes most. */
  bytesMax = 0;
  readonly #ids: RecordId[] = [];

  get records(): number {
    return this.#ids.length;
  }

  idAt(index: number): RecordId | undefined {
    return this.#ids[index];
  }

  /** `recordsMax`: what was asked for; fewer mean that these are all. */
  static async read(records: AsyncIterable<LogRecord>, recordsMax: number): Promise<LogScan> {
    const scan = new LogScan();
    const lines = { stdout: new WholeLines(), stderr: new WholeLines() };
    const last: Partial<Record<StreamName, RecordId>> = {};
    for await (const record of records) {
      const { stream, bytes, seconds = 0, nanos = 0 } = record;
      const id = idOf(record, last[stream]);
      last[stream] = id;
      scan.#ids.push(id);
      scan.bytesMax += jsonBytes(bytes);
      const line = lines[stream].add(bytes);
      if (line !== undefined) scan[stream].add(line, scan.records - 1, seconds * 1000 + nanos / 1e6);
    }
    scan.isAll = scan.records < recordsMax;
    return scan;
  }

  /** How many lines of `stream` end at or before the record at `index`. */
  linesUpTo(stream: StreamName, index: number): number {
    const { records } = this[stream];
    let [low, high] = [0, records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((records[middle] as number) <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** `{"log":"…","stream":"stdout","time":"…"}` and its newline; what has to be escaped takes up to six bytes. */
function jsonBytes(text: Uint8Array): number {
  let bytes = 120;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    bytes +=
      byte < 32 || byte > 126 || byte === 34 || byte === 92 || (byte & 0xfd) === 60 || byte === 38 ? 6 : 1;
  }
  return bytes;
}
