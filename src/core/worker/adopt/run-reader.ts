// Reads the lines of one run out of the engine's log of its container, each once and in order, however often the reading
// is broken off: within this process it goes on behind the last record, and after a kill behind the last line that is
// stored. That is found by a kept place and a count of lines; where the place has rotated away, by the stamp of that
// line, which is exact to the nanosecond. Only where that is gone, too, lines are missing, and that is told.
import { lineBytesMax } from "../../base/limits.ts";
import type { Stamp } from "../../base/stamp.ts";
import type { OutputChunk, OutputGap, OutputItem, Taken } from "../../engine/output.ts";
import { endOf, LineEnds } from "../../engine/records/line-ends.ts";
import { type LogRecord, logPartBytes } from "../../engine/records/log-record.ts";
import type { EngineLog, EngineLogQuery, LogPlace } from "../../engine/sources/engine-log.ts";
import { rotatedAway } from "../../engine/sources/gaps.ts";
import type { StreamName } from "../../log/line-batch.ts";
import { isAfter, toMs } from "./adoption.ts";
import type { FollowedRun } from "./followed-run.ts";
import type { ReadingPlaces } from "./reading-places.ts";

export class RunReader {
  readonly #run: FollowedRun;
  readonly #log: EngineLog;
  readonly #places: ReadingPlaces;
  readonly #taken: Taken;
  /** Where the log is asked from, and how many records behind that have been looked at. */
  #from: Pick<EngineLogQuery, "from" | "sinceMs"> = {};
  #records = 0;
  /** The first record behind a gap that was told, until a place behind it is reached. */
  #behindGap: Stamp | undefined;
  /** The first line to be taken is later; undefined once that is past. */
  #after: Stamp | undefined;
  /** So many of the lines that are stored are still to be left out. */
  #skip: number;
  /** Where they cannot be counted: all are left out up to the last stored line, or, where that is gone, to a later one. */
  #seeking: "last" | "later" | undefined;
  #ends: LineEnds;
  /** Streams whose last record had no newline: what ends there is no whole line. */
  readonly #open = new Set<StreamName>();
  readonly #parts: Record<StreamName, Uint8Array[]> = { stdout: [], stderr: [] };
  #isDone = false;
  #waitsSince: number | undefined;

  /** Stands behind the lines that are stored. */
  constructor({ run, taken, places, log }: ReaderParts) {
    this.#run = run;
    this.#log = log;
    this.#places = places;
    this.#taken = taken;
    const { from } = run.record.adopted;
    const kept = places.backTo(taken.lastSeq());
    const place = kept?.place ?? from.place;
    this.#skip = taken.lastSeq() - (kept?.seq ?? 0);
    this.#ends = new LineEnds(this.#skip);
    run.place = place;
    // Counted can only be from a place: the oldest record that there is may be another one by now.
    if (place === undefined && this.#skip > 0) this.#seek("last");
    else this.#begin(place, kept === undefined ? from.after : undefined);
  }

  /** How long it has waited for the log by now, in ms; 0 while it works. */
  get waitsMs(): number {
    return this.#waitsSince === undefined ? 0 : performance.now() - this.#waitsSince;
  }

  /** To the end of the run where that is known, else of the log as `follow` says. Abort ends it; throws as the log does. */
  async *read(follow: boolean, signal: AbortSignal): AsyncGenerator<OutputItem> {
    while (!this.#isDone && !signal.aborted) {
      // What is sought is there or not: it is not waited for.
      const before = this.#seeking;
      yield* this.#pass(follow && before === undefined, signal);
      if (signal.aborted) return;
      if (before === "last" && this.#seeking === "last") yield this.#giveUp();
      else if (before === this.#seeking) return;
    }
  }

  async *#pass(follow: boolean, signal: AbortSignal): AsyncGenerator<OutputItem> {
    let seen = this.#records;
    let gap: OutputGap | undefined;
    this.#waitsSince = performance.now();
    for await (const item of this.#log.read({ ...this.#from, follow }, signal)) {
      this.#waitsSince = undefined;
      if ("missing" in item) {
        if (this.#skip > 0) return this.#seek("last");
        gap = item;
        this.#waitsSince = performance.now();
        continue;
      }
      const chunks: OutputChunk[] = [];
      for (const record of item.records) {
        // The one that was told before, when the reading was broken off behind it, is met again.
        if (gap !== undefined && !isSame(stampOf(record), this.#behindGap)) {
          yield* this.#tell(gap);
          this.#behindGap = stampOf(record);
          seen = 0;
        }
        gap = undefined;
        if (seen > 0) {
          seen--;
          continue;
        }
        this.#records++;
        if (this.#isBeyondEnd(record)) break;
        if (this.#isBefore(record)) continue;
        for (const taken of this.#behindStored(record)) this.#handOn(taken, chunks);
      }
      if (chunks.length > 0) yield chunks;
      if (this.#isDone) return;
      if (item.place !== undefined) this.#reached(item.place, seen);
      this.#waitsSince = performance.now();
    }
    if (gap !== undefined && !signal.aborted) yield* this.#tell(gap);
  }

  /** Once one is, all that follow are: stamps may run backwards. */
  #isBeyondEnd(record: LogRecord): boolean {
    const until = this.#run.record.adopted.end?.until;
    const stamp = stampOf(record);
    if (until === undefined || stamp === undefined || !isAfter(stamp, until)) return false;
    this.#isDone = true;
    return true;
  }

  /** Of the run before this one. */
  #isBefore(record: LogRecord): boolean {
    const stamp = stampOf(record);
    if (this.#after === undefined) return false;
    if (stamp !== undefined && !isAfter(stamp, this.#after)) return true;
    this.#after = undefined;
    return false;
  }

  #behindStored(record: LogRecord): LogRecord[] {
    const behind: LogRecord[] = [];
    if (this.#seeking !== undefined) return this.#behindSought(record, behind);
    if (this.#skip > 0 && endsLine(record)) this.#skip--;
    this.#ends.take(record, behind);
    return behind;
  }

  /** A long line of one stream may have begun before the last stored line of the other: its parts are held meanwhile. */
  #behindSought(record: LogRecord, behind: LogRecord[]): LogRecord[] {
    const last = this.#taken.lastStamp;
    const stamp = stampOf(record);
    const isLater = stamp === undefined || last === undefined || isAfter(stamp, last);
    const isLast = isSame(stamp, last) && endsLine(record);
    if (this.#seeking === "last" ? !isLast : !isLater) {
      this.#ends.take(record, behind);
      return behind;
    }
    const isNew = this.#seeking === "later";
    this.#seeking = undefined;
    if (!isNew) this.#ends.take(record, behind);
    this.#ends.restart(behind);
    if (isNew) this.#ends.take(record, behind);
    return behind;
  }

  /** Parts of a long line are held until it ends: of one whose end is behind a gap nothing is told. */
  #handOn({ stream, bytes, ...stamped }: LogRecord, chunks: OutputChunk[]): void {
    const parts = this.#parts[stream];
    const end = endOf({ stream, bytes });
    if (end === "line") this.#open.delete(stream);
    else this.#open.add(stream);
    this.#places.count(bytes.length);
    if (end === "part") {
      // What is longer is cut off a line anyway.
      if (parts.length * logPartBytes <= lineBytesMax) parts.push(bytes);
      return;
    }
    const line = parts.length === 0 ? bytes : Buffer.concat([...parts.splice(0), bytes]);
    chunks.push({ stream, bytes: line, stamp: stampOf({ stream, bytes, ...stamped }) });
  }

  /** What is held of lines that the run did not end. */
  *rest(): Generator<OutputChunk> {
    for (const stream of ["stdout", "stderr"] as const) {
      const parts = this.#parts[stream].splice(0);
      if (parts.length > 0) yield { stream, bytes: Buffer.concat(parts) };
    }
  }

  /** `seen`: so many of the records behind it have been looked at before. */
  #reached(place: LogPlace, seen: number): void {
    this.#from = { from: place };
    this.#behindGap = undefined;
    this.#records = seen;
    this.#run.place = place;
    const isBetween = this.#ends.isBetween && this.#open.size === 0 && this.#seeking === undefined;
    if (isBetween && this.#after === undefined) this.#places.reached(place, this.#taken.lastSeq());
  }

  /** Nothing behind a gap was taken before. What is sought there is not missing yet. */
  *#tell(gap: OutputGap): Generator<OutputChunk | OutputGap> {
    this.#records = 0;
    if (this.#seeking !== undefined) return;
    this.#ends.restart([]);
    this.#open.clear();
    for (const parts of Object.values(this.#parts)) parts.length = 0;
    yield gap;
  }

  #seek(what: "last" | "later"): void {
    this.#seeking = what;
    this.#skip = 0;
    this.#ends = new LineEnds(Number.POSITIVE_INFINITY);
    this.#begin(undefined, undefined);
  }

  /** The last stored line is gone, too: what is there and is later comes behind a gap. */
  #giveUp(): OutputGap {
    this.#seek("later");
    return rotatedAway();
  }

  #begin(place: LogPlace | undefined, after: Stamp | undefined): void {
    this.#from = { from: place, sinceMs: after && toMs(after) };
    this.#records = 0;
    this.#after = after;
  }
}

export interface ReaderParts {
  run: FollowedRun;
  log: EngineLog;
  places: ReadingPlaces;
  taken: Taken;
}

function endsLine(record: LogRecord): boolean {
  return endOf(record) === "line";
}

function stampOf({ seconds, nanos }: LogRecord): Stamp | undefined {
  return seconds === undefined || nanos === undefined ? undefined : { seconds, nanos };
}

function isSame(a: Stamp | undefined, b: Stamp | undefined): boolean {
  return a !== undefined && a.seconds === b?.seconds && a.nanos === b.nanos;
}
