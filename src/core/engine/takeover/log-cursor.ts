// Goes on reading the engine's log behind a position, as often as it is asked to: each time a snapshot of the log's end
// that is long enough to have the position in it. So a rotation between two readings is either harmless or noticed;
// following the log (`follow=1`) would leave lines out without a word. It relies on no order of stamps.
import type { StreamName } from "../../log/line-batch.ts";
import { keepsAll, type LogFiles, mayRotate } from "../files/log-files.ts";
import type { LogRecord } from "../records/log-record.ts";
import { endsLine } from "../records/whole-lines.ts";
import { idOf, isAlike, type LogPosition, type RecordId } from "./log-position.ts";
import { LogScan } from "./log-scan.ts";

/** Records asked for at first; more when the position is not among them. */
const recordsMin = 256;
const growth = 4;

export class LogCursor {
  readonly #read: (tail: number | undefined) => AsyncIterable<LogRecord>;
  readonly #files: LogFiles;
  readonly #signal: AbortSignal;
  readonly #position: LogPosition;
  readonly #last: Partial<Record<StreamName, RecordId>> = {};
  #ask: number;

  /** `read`: a snapshot of the newest records, or of all. */
  constructor(
    read: (tail: number | undefined) => AsyncIterable<LogRecord>,
    files: LogFiles,
    position: LogPosition,
    signal: AbortSignal,
  ) {
    this.#read = read;
    this.#files = files;
    this.#position = position;
    this.#signal = signal;
    this.#ask = recordsMin + 2 * position.recordsBehind;
  }

  /** About how many records are still to be read. */
  get recordsBehind(): number {
    return this.#position.recordsBehind;
  }

  /** The newest record that was read. */
  get newest(): RecordId | undefined {
    return this.#position.record;
  }

  /** What came since; first "rotated" where the position itself is gone and lines may be missing before what follows. */
  async *poll(): AsyncGenerator<LogRecord | "rotated"> {
    if (this.#position.record === undefined && mayRotate(this.#files)) {
      if (!(await this.#findFirst())) yield "rotated";
    }
    const { record: sought } = this.#position;
    if (sought === undefined) return yield* this.#all();
    for (let ask = this.#ask; ; ask *= growth) {
      let seen = 0;
      let fresh = 0;
      let isFound = false;
      let alike = 0;
      for await (const record of this.#read(Number.isFinite(ask) ? ask : undefined)) {
        seen++;
        if (!isFound) {
          if (isAlike(record, sought)) isFound = alike++ === sought.nth;
          if (!isFound || !this.#position.isNext) continue;
        }
        fresh++;
        if (this.#isNew(record)) yield record;
      }
      if (isFound || this.#signal.aborted) {
        this.#ask = Math.max(recordsMin, fresh * 2);
        return;
      }
      if (seen < ask || !Number.isFinite(ask)) break;
    }
    if (this.#signal.aborted) return;
    yield "rotated";
    yield* this.#all();
  }

  async *#all(): AsyncGenerator<LogRecord> {
    this.#position.skip = { stdout: 0, stderr: 0 };
    for await (const record of this.#read(undefined)) if (this.#isNew(record)) yield record;
  }

  /** The log was empty when it was looked at last. Whether its first record is the first that there was. */
  async #findFirst(): Promise<boolean> {
    const scan = await LogScan.read(this.#read(undefined), Number.POSITIVE_INFINITY);
    this.#position.record = scan.idAt(0);
    this.#position.isNext = true;
    this.#ask = Number.POSITIVE_INFINITY;
    return scan.records === 0 || this.#signal.aborted || keepsAll(this.#files, scan);
  }

  #isNew(record: LogRecord): boolean {
    const id = idOf(record, this.#last[record.stream]);
    this.#last[record.stream] = id;
    this.#position.record = id;
    this.#position.isNext = false;
    const { skip } = this.#position;
    const stream: StreamName = record.stream;
    if (skip[stream] === 0) return true;
    if (endsLine(record.bytes)) skip[stream]--;
    return false;
  }
}
