// Reads the lines of one run out of the engine's log of its container, each once and in order, however often the reading
// is broken off: within this process it goes on behind the last record, and after a kill behind the last line that is
// stored. That is found by a kept place and a count of lines. Lines that did not come from the log, but from an attach, are
// counted for each stream from the log's beginning (takeover/counted-lines.ts). Where the place has rotated away, the stamp
// of the last line tells it, which is exact to the nanosecond. Only where that is gone, too, lines are missing, and that
// is told. What leaves here are whole lines, or such as are marked as cut.
import { isLater, isSameStamp, type Stamp } from "../../base/stamp.ts";
import { pause } from "../../base/wait.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { OutputGap, OutputItem, Taken } from "../output.ts";
import { type JoinedLine, LineJoiner, recordStamp } from "../records/line-joiner.ts";
import type { LogRecord } from "../records/record-format.ts";
import type { CountedLines } from "../takeover/counted-lines.ts";
import { type EngineCut, halfALine } from "../takeover/engine-cut.ts";
import type { EngineLog, EngineLogQuery, LogPlace } from "./engine-log.ts";
import { behindTaken, otherLines, rotatedAway, uncounted } from "./gaps.ts";
import type { ReadingPlaces } from "./reading-places.ts";

/** The log may lag behind what an attach has delivered; one that still does after this long, in ms, lacks it. */
const behindMsMax = 10_000;
const behindPollMs = 50;

/** The start of a run in the engine's log of its container: the first line that fulfils both conditions. */
export interface RunStart {
  /** The line is behind this place; absent means any place. */
  place?: LogPlace | undefined;
  /** The line has a later stamp; absent means any stamp. */
  after?: Stamp | undefined;
}

/** A run between its two ends. */
export interface RunSpan {
  readonly from: RunStart;
  /** A line with a later stamp is of the next run; undefined: all lines that are there are of this one. */
  readonly until: Stamp | undefined;
  /** The place behind the last record that was taken; set by the reader. */
  place: LogPlace | undefined;
}

export interface ReaderParts {
  run: RunSpan;
  log: EngineLog;
  places: ReadingPlaces;
  taken: Taken;
  /** Lines that were taken and did not come from the log; used as long as no place is kept. */
  counted?: CountedLines | undefined;
  /** The end of the engine that happened meanwhile. */
  cut?: EngineCut | undefined;
}

/** A gap that the reader puts between two records. */
interface OwnGap {
  /** The engine's end that it tells of. */
  cutId?: string;
  /** The stamp of the record behind it. */
  before?: Stamp | undefined;
  /** Called when its place is kept. */
  onKept?: () => void;
}

export class RunReader {
  readonly #run: RunSpan;
  readonly #log: EngineLog;
  readonly #places: ReadingPlaces;
  readonly #taken: Taken;
  /** The query that the log is asked with; records behind it that were looked at are counted. */
  #from: Pick<EngineLogQuery, "from" | "since" | "tail"> = {};
  #records = 0;
  /** The first record behind a gap that was told, until a place behind it is reached. */
  #behindGap: Stamp | undefined;
  /** The first line to be taken is later; undefined once that is past. */
  #after: Stamp | undefined;
  /** The number of stored lines that are still to be left out. */
  #skip: number;
  /**
   * The way to leave lines out if they cannot be counted: up to the last stored line, or, if that is gone, to a later
   * one.
   */
  #seeking: "last" | "later" | undefined;
  /** The counted lines, as long as not all of them have been met. */
  #counted: CountedLines | undefined;
  readonly #cut: EngineCut | undefined;
  /** A gap of an earlier worker that is not stored yet, where its pieces of lines are. */
  #dueFirst: string | undefined;
  readonly #joiner = new LineJoiner();
  #isDone = false;
  #waitsSince: number | undefined;

  /** Stands behind the lines that are stored. */
  constructor({ run, taken, places, log, counted, cut }: ReaderParts) {
    this.#run = run;
    this.#log = log;
    this.#places = places;
    this.#taken = taken;
    this.#cut = cut;
    const { from } = run;
    const seq = taken.lastSeq();
    const kept = places.backTo(seq);
    const place = kept?.place ?? from.place;
    this.#skip = Math.max(0, seq - (kept?.seq ?? 0));
    run.place = place;
    if (kept === undefined && counted !== undefined) {
      this.#skip = 0;
      this.#counted = counted;
      return;
    }
    // Counted can only be from a place: the oldest record that there is may be another one by now.
    if (kept === undefined && place === undefined && this.#skip > 0) this.#seek("last");
    else this.#begin(place, kept === undefined ? from.after : undefined);
    this.#records = kept?.records ?? 0;
    this.#joiner.cutStreams = kept?.cut ?? [];
    if (kept?.gap !== undefined && seq < kept.seq) this.#dueFirst = kept.gap.reason;
  }

  /** The time it has waited for the log by now, in ms; 0 while it works. */
  get waitsMs(): number {
    return this.#waitsSince === undefined ? 0 : performance.now() - this.#waitsSince;
  }

  /**
   * Reads to the end of the run if that is known, else of the log as `follow` says. Abort ends it; throws as the log
   * does.
   */
  async *read(follow: boolean, signal: AbortSignal): AsyncGenerator<OutputItem> {
    if (this.#dueFirst !== undefined) yield { missing: { reason: this.#dueFirst } };
    this.#dueFirst = undefined;
    yield* this.#count(signal);
    while (!this.#isDone && !signal.aborted) {
      // The line is there or not: it is not waited for.
      const before = this.#seeking;
      yield* this.#pass(follow && before === undefined, signal);
      if (signal.aborted) return;
      if (before === "last" && this.#seeking === "last") yield this.#giveUp();
      else if (before === this.#seeking) return;
    }
  }

  /** The output has ended, and all of the log was read: what is held, and what an engine's end has cost. */
  *rest(): Generator<OutputItem> {
    while (this.#cut?.isPending) yield* this.#tellOfCut(this.#cut, undefined);
    this.#places.due.reachEnd();
    yield* this.#tellDue(undefined);
    const lines = this.#joiner.rest();
    if (lines.length > 0) yield lines;
  }

  /** A log that is only late is waited for; one that lacks lines which were taken begins to be new at its end. */
  async *#count(signal: AbortSignal): AsyncGenerator<OutputItem> {
    if (this.#counted === undefined) return;
    if (!this.#counted.isExact) yield* this.#lose(uncounted());
    else if (this.#counted.isDone) this.#counted = undefined;
    const deadline = performance.now() + behindMsMax;
    while (this.#counted !== undefined && !signal.aborted) {
      yield* this.#pass(false, signal);
      if (this.#counted === undefined || this.#cut?.isPending) return;
      if (performance.now() > deadline) {
        this.#counted = undefined;
        yield* this.#break(behindTaken().missing.reason, {});
      }
      await pause(behindPollMs, signal);
    }
  }

  async *#pass(follow: boolean, signal: AbortSignal): AsyncGenerator<OutputItem> {
    let seen = this.#records;
    let gap: OutputGap | undefined;
    this.#waitsSince = performance.now();
    const query = { ...this.#from, follow, stops: this.#cut?.stops ?? [] };
    for await (const item of this.#log.read(query, signal)) {
      this.#waitsSince = undefined;
      if ("missing" in item) {
        if (this.#counted !== undefined) return yield* this.#lose(item);
        if (this.#skip > 0) return this.#seek("last");
        gap = item;
        this.#waitsSince = performance.now();
        continue;
      }
      let lines: JoinedLine[] = [];
      for (const record of item.records) {
        // The one that was told before, when the reading was broken off behind it, is met again.
        if (gap !== undefined && !isSameStamp(recordStamp(record), this.#behindGap)) {
          yield* this.#tell(gap);
          this.#behindGap = recordStamp(record);
          seen = 0;
        }
        gap = undefined;
        if (seen > 0) {
          seen--;
          continue;
        }
        while (this.#cut?.isPending && this.#cut.isBefore(record, item.offset)) {
          // Lines that are stored and came from the log are behind nothing that is still to be told.
          if (this.#skip > 0 || this.#seeking !== undefined) break;
          if (lines.length > 0) yield lines;
          lines = [];
          yield* this.#tellOfCut(this.#cut, recordStamp(record));
        }
        if (this.#places.due.reaches(record) && this.#isBehindStored) {
          if (lines.length > 0) yield lines;
          lines = [];
          yield* this.#tellDue(recordStamp(record));
        }
        this.#records++;
        if (this.#isBeyondEnd(record)) break;
        if (this.#isBefore(record)) continue;
        this.#places.count(record.bytes.length);
        const line = this.#joiner.add(record);
        if (line === undefined) continue;
        if (!this.#isStored(line)) {
          this.#cut?.hasLine(record.stream);
          lines.push(line);
          continue;
        }
        this.#places.due.hasWhole(record.stream);
        if (this.#counted?.isDone) {
          if (lines.length > 0) yield lines;
          lines = [];
          yield* this.#confirm(this.#counted);
        }
      }
      if (lines.length > 0) yield lines;
      if (this.#isDone) return;
      if (item.place !== undefined) this.#reached(item.place, seen);
      this.#waitsSince = performance.now();
    }
    if (gap !== undefined && !signal.aborted) yield* this.#tell(gap);
  }

  /** Once one is, all that follow are: stamps may run backwards. */
  #isBeyondEnd(record: LogRecord): boolean {
    const { until } = this.#run;
    if (until === undefined) return false;
    const stamp = recordStamp(record);
    if (stamp === undefined || !isLater(stamp, until)) return false;
    this.#isDone = true;
    return true;
  }

  /** True for a record of the run before this one. */
  #isBefore(record: LogRecord): boolean {
    if (this.#after === undefined) return false;
    const stamp = recordStamp(record);
    if (stamp !== undefined && !isLater(stamp, this.#after)) return true;
    this.#after = undefined;
    return false;
  }

  #isStored(line: JoinedLine): boolean {
    if (this.#counted !== undefined) return this.#counted.leavesOut(line);
    if (this.#seeking !== undefined) return this.#isBeforeSought(line);
    if (this.#skip === 0) return false;
    this.#skip--;
    return true;
  }

  #isBeforeSought({ stamp }: JoinedLine): boolean {
    const last = this.#taken.lastStamp;
    if (this.#seeking === "last") {
      if (isSameStamp(stamp, last)) this.#seeking = undefined;
      return true;
    }
    const isSought = stamp === undefined || last === undefined || isLater(stamp, last);
    if (isSought) this.#seeking = undefined;
    return !isSought;
  }

  /** All lines that were taken have been met. The last of them must be those; where they are not, that is told. */
  *#confirm(counted: CountedLines): Generator<OutputItem> {
    this.#counted = undefined;
    if (!counted.agrees) yield* this.#break(otherLines().missing.reason, {});
  }

  /** The log is not what it was when it was taken: only what is new from now on is known to be so. */
  *#lose(gap: OutputGap): Generator<OutputItem> {
    this.#counted = undefined;
    this.#from = { tail: 0 };
    yield* this.#tell(gap);
  }

  /**
   * Yields the gap before output that another engine wrote. Where it is known that nothing is lost, a line goes on.
   */
  *#tellOfCut(cut: EngineCut, before: Stamp | undefined): Generator<OutputItem> {
    if (this.#counted !== undefined) {
      // Ahead of the log: what it has of lines that go on was taken.
      for (const stream of this.#counted.streamsBehind) this.#joiner.forget(stream);
      this.#counted = undefined;
      cut.wasAhead();
    }
    const cutId = cut.id;
    const reason = cut.tell();
    const streams: StreamName[] = [];
    for (const stream of ["stdout", "stderr"] as const) {
      const text = cut.unfinished(stream);
      if (text === undefined || text.length <= this.#joiner.begunBytes(stream)) continue;
      this.#joiner.begin(stream, text);
      streams.push(stream);
    }
    if (reason !== undefined) return yield* this.#break(reason, { cutId, before, onKept: cut.onTold });
    if (streams.length > 0)
      this.#places.due.leave({ reason: halfALine, cutId, before, streams, afterSeq: this.#taken.lastSeq() });
    cut.onTold();
  }

  /** True if no line that is stored follows. */
  get #isBehindStored(): boolean {
    return this.#skip === 0 && this.#counted === undefined && this.#seeking === undefined;
  }

  *#tellDue(before: Stamp | undefined): Generator<OutputItem> {
    const { due } = this.#places;
    for (const gap of due.reached) {
      const { reason, cutId } = gap;
      yield* this.#break(reason, { cutId, before, onKept: () => due.drop(gap) });
    }
  }

  /** `seen`: so many of the records behind it have been looked at before. */
  #reached(place: LogPlace, seen: number): void {
    this.#from = { from: place };
    this.#behindGap = undefined;
    this.#records = seen;
    this.#run.place = place;
    if (seen > 0 || this.#skip > 0 || this.#counted !== undefined || this.#seeking !== undefined) return;
    if (this.#joiner.isBetween && this.#after === undefined)
      this.#places.reached(place, this.#taken.lastSeq(), this.#joiner.cutStreams);
  }

  /** Nothing behind a gap was taken before. What is sought there is not missing yet. */
  *#tell(gap: OutputGap): Generator<OutputItem> {
    this.#records = 0;
    if (this.#seeking !== undefined) return;
    yield* this.#break(gap.missing.reason);
  }

  /** Text is missing here. A gap of our own, which is not one of the log, has its place in the log, which is kept first. */
  *#break(reason: string, own?: OwnGap): Generator<OutputItem> {
    const lines = this.#joiner.breakOff();
    const afterSeq = this.#taken.lastSeq();
    if (own !== undefined && this.#from.tail === undefined) {
      const { cutId = "", before } = own;
      const at = { place: this.#from.from, records: this.#records, cut: this.#joiner.cutStreams };
      this.#places.keep({
        ...at,
        seq: afterSeq + lines.length + 1,
        gap: { reason, afterSeq, cutId, before },
      });
    }
    own?.onKept?.();
    if (lines.length > 0) yield lines;
    yield { missing: { reason } };
  }

  #seek(what: "last" | "later"): void {
    this.#seeking = what;
    this.#skip = 0;
    this.#begin(undefined, undefined);
  }

  /** The last stored line is gone, too: what is there and is later comes behind a gap. */
  #giveUp(): OutputGap {
    this.#seek("later");
    return rotatedAway();
  }

  #begin(place: LogPlace | undefined, after: Stamp | undefined): void {
    this.#from = { from: place, since: after };
    this.#records = 0;
    this.#after = after;
  }
}
