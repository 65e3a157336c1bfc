// A task's log on disk: numbered lines in, lines by number out. Appending is synchronous and costs a copy; a writer brings
// the lines to the disk in the background (segment-writer.ts). Reading at any number costs the same in a short log and in
// a long one, in a running one and in one that was sealed a year ago. It knows no subscribers and does not number lines:
// that is the broadcaster's. One process at a time may open a log; the lock on the data folder sees to that.

import { TasklogError } from "../../base/errors.ts";
import { indexEveryBytes, segmentBytesMax, unwrittenBytesMax } from "../../base/limits.ts";
import type { Stamp } from "../../base/stamp.ts";
import { Turns } from "../../base/turns.ts";
import type { LineBatch } from "../line-batch.ts";
import type { LogGap, LogHistory } from "../log-item.ts";
import { loadSegments, removeSegmentFile } from "./load-segments.ts";
import { locate, scan } from "./locate.ts";
import { LogState } from "./log-state.ts";
import { gapFrom, missing } from "./missing.ts";
import { piecesOf } from "./pieces.ts";
import { PlainSegment } from "./plain-segment.ts";
import { countToRemove, type Removed, type RetentionLimits } from "./retention.ts";
import { sealSegment } from "./seal.ts";
import type { SealedSegment } from "./sealed-segment.ts";
import { isMissing } from "./segment-files.ts";
import { type FsyncPolicy, SegmentWriter } from "./segment-writer.ts";
import type { Tally } from "./tally.ts";

export interface SegmentLogOptions {
  /** A segment rolls at this size, in bytes. */
  segmentBytesMax?: number | undefined;
  /** The distance between two marks of the index, in bytes. */
  indexEveryBytes?: number | undefined;
  /** Lines that wait for the disk, in bytes, before `drain` makes one wait; and what is held while the disk fails. */
  unwrittenBytesMax?: number | undefined;
  /** "second" unless told otherwise. */
  fsync?: FsyncPolicy | undefined;
  /** Between tries to write while the disk fails, in ms: the first and the longest. */
  retryMinMs?: number | undefined;
  retryMaxMs?: number | undefined;
  /** The disk fails: once when it begins, with what the system says. */
  onTrouble?: ((message: string) => void) | undefined;
  /** It works again; with the lines that could not be kept, if there are any. */
  onRecovered?: ((gap: LogGap | undefined) => void) | undefined;
  /** `log.json` was damaged: what of it was left out. It is written anew, so this comes once. */
  onDamage?: ((message: string) => void) | undefined;
}

export class SegmentLog implements LogHistory, AsyncDisposable {
  readonly dir: string;
  readonly #state: LogState;
  readonly #segments: (PlainSegment | SealedSegment)[];
  /** The tally of the log, including the lines that are not on disk yet. */
  readonly #tally: Tally;
  readonly #writer: SegmentWriter;
  #isClosed = false;
  /** Sealing and retention, one after the other. */
  readonly #upkeep = new Turns();

  private constructor(
    dir: string,
    state: LogState,
    segments: (PlainSegment | SealedSegment)[],
    tally: Tally,
    options: SegmentLogOptions,
  ) {
    this.dir = dir;
    this.#state = state;
    this.#segments = segments;
    this.#tally = tally;
    const everyBytes = options.indexEveryBytes ?? indexEveryBytes;
    const rollBytes = options.segmentBytesMax ?? segmentBytesMax;
    const last = segments.at(-1);
    const isResumable =
      last instanceof PlainSegment &&
      last.table !== undefined &&
      last.bytes < rollBytes &&
      last.nextSeq === tally.nextSeq;
    if (last instanceof PlainSegment && !isResumable) last.table = undefined;
    this.#writer = new SegmentWriter(
      {
        segmentBytesMax: rollBytes,
        indexEveryBytes: everyBytes,
        unwrittenBytesMax: options.unwrittenBytesMax ?? unwrittenBytesMax,
        fsync: options.fsync ?? "second",
        retryMinMs: options.retryMinMs ?? 250,
        retryMaxMs: options.retryMaxMs ?? 5000,
        prepare: async () => void (state.isSaved || (await state.save())),
        newSegment: (base) => {
          const segment = new PlainSegment(dir, base, everyBytes);
          segments.push(segment);
          return segment;
        },
        saveGap: (gap) => state.addGap(gap),
        onTrouble: options.onTrouble ?? (() => {}),
        onRecovered: options.onRecovered ?? (() => {}),
      },
      isResumable ? last : undefined,
      tally,
    );
  }

  /**
   * Opens the log in `dir`, or begins one. A disk that cannot be written is no failure: lines are then held as `append`
   * says. Throws TasklogError `incompatible` for a log of a newer version, `unavailable` where it cannot be read.
   */
  static async open(dir: string, options: SegmentLogOptions = {}): Promise<SegmentLog> {
    try {
      const state = await LogState.load(dir);
      if (state.damage !== "") options.onDamage?.(`log.json in ${dir} ${state.damage}, and is written anew`);
      const { segments, tally } = await loadSegments(dir, state, options.indexEveryBytes ?? indexEveryBytes);
      const log = new SegmentLog(dir, state, segments, tally, options);
      if (!state.isSaved) await state.save().catch(() => {}); // else tried again before the first line
      return log;
    } catch (error) {
      if (error instanceof TasklogError) throw error;
      throw unreadable(dir, error as Error);
    }
  }

  /** Names this log: under another epoch the same numbers mean other lines. */
  get epoch(): string {
    return this.#state.epoch;
  }

  /** The number that the next line must have. */
  get nextSeq(): number {
    return this.#tally.nextSeq;
  }

  /** The number of the first line that retention has not removed. */
  get firstSeq(): number {
    return this.#state.removed?.nextSeq ?? 1;
  }

  /** The number of lines taken of each stream since the log began, including lost and removed ones. */
  get taken(): { stdout: number; stderr: number } {
    return { stdout: this.#tally.stdout, stderr: this.#tally.stderr };
  }

  /** The lines of both. */
  get lines(): number {
    return this.#tally.stdout + this.#tally.stderr;
  }

  /** Bytes of text since the log began, newlines included. */
  get bytes(): number {
    return this.#tally.bytes;
  }

  /** Bytes that the segments take on disk. */
  get diskBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** The stamp of the last line; undefined before the first. */
  get lastStamp(): Stamp | undefined {
    const { lastSeconds: seconds, lastNanos: nanos, stdout, stderr } = this.#tally;
    return stdout + stderr > 0 ? { seconds, nanos } : undefined;
  }

  /** The checksum of all lines since the log began; see checksum.ts. */
  get checksum(): string {
    return this.#tally.checksum.toString();
  }

  get isSealed(): boolean {
    return this.#segments.every((segment) => !(segment instanceof PlainSegment));
  }

  /** True if the disk fails at present. */
  get isTroubled(): boolean {
    return this.#writer.isTroubled;
  }

  /** Bytes that wait for the disk. */
  get unwrittenBytes(): number {
    return this.#writer.unwrittenBytes;
  }

  /**
   * Takes lines, the first of which has the number `nextSeq`. Never waits for the disk and never fails for its sake: what
   * cannot be written becomes a gap.
   */
  append(batch: LineBatch): void {
    if (this.#isClosed) throw new TasklogError("internal", `the log in ${this.dir} is closed`);
    if (batch.firstSeq !== this.nextSeq) {
      const message = `line ${batch.firstSeq} does not follow in ${this.dir}: ${this.nextSeq} is next`;
      throw new TasklogError("internal", message);
    }
    for (const piece of piecesOf(batch)) this.#writer.append(piece, this.#tally);
  }

  /**
   * Gives the numbers from `nextSeq` to `toSeq` to lines that cannot be had; a reader is told `reason` at their place.
   * `count`: how many lines are missing, where that is known.
   */
  appendGap(toSeq: number, reason: string, count?: number): void {
    const fromSeq = this.nextSeq;
    if (this.#isClosed || toSeq < fromSeq) {
      throw new TasklogError("internal", `no gap from ${fromSeq} to ${toSeq} in ${this.dir}`);
    }
    const end = this.#tally.copy();
    this.#tally.nextSeq = toSeq + 1;
    this.#writer.addGap({ fromSeq, toSeq, count, reason, after: this.#tally.toColumns() }, end);
  }

  /** Resolves when there is room for more lines, and at once while the disk fails. */
  drain(): Promise<void> {
    return this.#writer.drain();
  }

  /** Resolves when the files hold all lines appended so far, synced or not; at once while the disk fails. */
  written(): Promise<void> {
    return this.#writer.written();
  }

  /** Brings all lines to the disk, synced as the policy says. Throws TasklogError `unavailable` while the disk fails. */
  async flush(): Promise<void> {
    await this.#writer.flush();
    if (this.isTroubled)
      throw new TasklogError("unavailable", `the log in ${this.dir} cannot be written now`);
  }

  async read(fromSeq: number, bytesMax: number, signal?: AbortSignal): Promise<LineBatch | LogGap> {
    for (let attempt = 0; ; attempt++) {
      if (signal?.aborted) throw new TasklogError("aborted", "the read was cancelled");
      if (!(fromSeq >= 1 && fromSeq < this.nextSeq)) {
        throw new TasklogError("invalid", `there is no line ${fromSeq}: the log ends before ${this.nextSeq}`);
      }
      const unwritten = this.#writer.readUnwritten(fromSeq, bytesMax);
      if (unwritten) return unwritten;
      const segment = this.#segmentOf(fromSeq);
      if (!segment) return gapFrom(fromSeq, this.nextSeq, this.#state, this.#segments);
      try {
        return await segment.read(fromSeq, bytesMax);
      } catch (error) {
        if (!isMissing(error)) throw unreadable(segment.path, error as Error);
        // Sealed or removed since; or somebody else has removed it.
        if (attempt >= 2) return missing(fromSeq, segment.nextSeq - 1);
      }
    }
  }

  #segmentOf(seq: number): PlainSegment | SealedSegment | undefined {
    const segment = this.#segments.findLast((segment) => segment.file.firstSeq <= seq);
    return segment && seq < segment.nextSeq ? segment : undefined;
  }

  /** The first line, in order, that has this stamp or a later one; `nextSeq` where there is none. Stamps may run backwards. */
  async locate(stamp: Stamp): Promise<number> {
    const segments = [...this.#segments];
    const written = segments.at(-1)?.end.nextSeq ?? this.firstSeq;
    const found = await locate(segments, this, stamp);
    return found ?? (await scan(this, written, this.nextSeq, stamp)) ?? this.nextSeq;
  }

  /**
   * Compresses all lines so far and removes their text. Lines may still be appended. Throws TasklogError, and may be called
   * again, where the disk fails.
   */
  seal(signal?: AbortSignal): Promise<void> {
    return this.#alone(async () => {
      await this.flush();
      await this.#writer.finish(this.#tally);
      for (const segment of [...this.#segments]) {
        if (!(segment instanceof PlainSegment) || segment.table) continue;
        const at = this.#segments.indexOf(segment);
        if (segment.nextSeq > segment.file.firstSeq) {
          this.#segments[at] = await sealSegment(segment, signal);
        } else this.#segments.splice(at, 1);
        await removeSegmentFile(this.dir, segment.file);
      }
    });
  }

  /** Removes the oldest segments as the limits want it; never the newest of a log that is not sealed. */
  enforce(limits: RetentionLimits, nowMs = Date.now()): Promise<Removed> {
    return this.#alone(() =>
      this.#removeFirst(countToRemove(this.#segments, this.#removable, limits, nowMs)),
    );
  }

  /** Removes the segments all of whose lines are before `seq`; never the newest of a log that is not sealed. */
  removeBefore(seq: number): Promise<Removed> {
    return this.#alone(() => {
      const kept = this.#segments.findIndex((segment) => segment.end.nextSeq > seq);
      return this.#removeFirst(Math.min(this.#removable, kept === -1 ? this.#segments.length : kept));
    });
  }

  get #removable(): number {
    if (this.isSealed) return this.#segments.length;
    const written = this.#segments.findIndex((segment) => segment instanceof PlainSegment && segment.table);
    const newest = this.#segments.findLastIndex((segment) => segment.end.nextSeq > segment.file.firstSeq);
    // A segment that still takes lines or waits for the disk is not removed either.
    return Math.max(0, Math.min(written === -1 ? this.#segments.length : written, newest));
  }

  async #removeFirst(count: number): Promise<Removed> {
    const removed = this.#segments.slice(0, count);
    const last = removed.at(-1);
    if (!last) return { segments: 0, bytes: 0 };
    this.#segments.splice(0, count);
    // Retention must work on a disk that is full, too: then there is room for the state once the segments are gone.
    const isSaved = await this.#state.setRemoved(last.end).then(
      () => true,
      () => false,
    );
    for (const segment of removed) await removeSegmentFile(this.dir, segment.file);
    if (!isSaved) await this.#state.save();
    return { segments: count, bytes: removed.reduce((sum, segment) => sum + segment.bytes, 0) };
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#upkeep.take(work);
  }

  /** Brings everything to the disk and closes the files; what cannot be written is given up. Reading goes on to work. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#alone(() => this.#writer.finish(this.#tally));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function unreadable(path: string, cause: Error): TasklogError {
  return new TasklogError("unavailable", `cannot read the log in ${path}: ${cause.message}`, { cause });
}
