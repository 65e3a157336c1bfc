// The engine's log of a container from the files it is written to. No line is lost at any speed of the engine: an open
// file stays readable when rotation renames or removes it, it is read to its end once there is a file behind it, and
// the file behind it is found by where the open one has gone, as soon as the kernel tells of the rotation. A reader
// that pauses stops nobody; if it is overtaken all the same, it is told so.

import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Container } from "dockerode";
import { compareStamps, type Stamp } from "../../base/stamp.ts";
import { sleep } from "../../base/wait.ts";
import { ContainerEnd } from "../containers/container-end.ts";
import { FileScout } from "../files/file-scout.ts";
import { findStart, type Start } from "../files/find-start.ts";
import { HeldLogFiles } from "../files/held-log-files.ts";
import type { LogFileChain } from "../files/log-file-chain.ts";
import { LogFileReader } from "../files/log-file-reader.ts";
import { WakeUp } from "../files/wake-up.ts";
import type { OutputGap } from "../output.ts";
import { LineEnds } from "../records/line-ends.ts";
import type { LogRecord } from "../records/record-format.ts";
import type { EngineLog, EngineLogQuery, EngineRecords } from "./engine-log.ts";
import { damaged, emptied, overtaken } from "./gaps.ts";

/** A scout tells of a file that there is within this time, in ms; else it is looked for by its name. */
const firstFileMs = 1000;
const firstPollMs = 20;

export interface LogFileTraits {
  /** The limits, as in EngineLog. */
  limits: string;
  mayRotate: boolean;
  /**
   * The files that were opened since before the log began; closed with the first reading from the beginning, or by
   * `release`.
   */
  early: FileScout | undefined;
}

export class LogFile implements EngineLog {
  readonly kind = "log-file";
  readonly limits: string;
  readonly #container: Container;
  readonly #chain: LogFileChain;
  readonly #mayRotate: boolean;
  #early: FileScout | undefined;

  constructor(container: Container, chain: LogFileChain, { limits, mayRotate, early }: LogFileTraits) {
    this.#container = container;
    this.#chain = chain;
    this.limits = limits;
    this.#mayRotate = mayRotate;
    this.#early = early;
  }

  async *read(query: EngineLogQuery, signal: AbortSignal): AsyncGenerator<EngineRecords | OutputGap> {
    const isFirst = isFromBeginning(query);
    const early = isFirst ? this.#takeEarly() : undefined;
    const isEarly = early !== undefined || (isFirst && !existsSync(this.#chain.path));
    using reading = new Reading(this.#chain, query, early ?? this.#newScout(query), isEarly);
    const { wakeUp } = reading;
    await wakeUp.watch();
    const left = new AbortController();
    const leaving = AbortSignal.any([signal, left.signal]);
    const wake = (): void => wakeUp.wake();
    leaving.addEventListener("abort", wake);
    const end = query.follow ? new ContainerEnd(this.#container, leaving, wake) : undefined;
    try {
      for (;;) {
        const isLast = end === undefined || end.isDown;
        for await (const item of reading.more(isLast)) {
          if (signal.aborted) return;
          yield item;
        }
        if (signal.aborted) return;
        if (isLast) return end?.check();
        await wakeUp.wait();
        if (signal.aborted) return;
      }
    } finally {
      left.abort();
    }
  }

  release(): void {
    this.#takeEarly()?.[Symbol.dispose]();
  }

  #takeEarly(): FileScout | undefined {
    const early = this.#early;
    this.#early = undefined;
    return early;
  }

  #newScout({ follow }: EngineLogQuery): FileScout | undefined {
    if (!follow || !this.#mayRotate) return undefined;
    return new FileScout(this.#chain.path, this.#chain.format);
  }
}

function isFromBeginning({ from, skipLines = 0, tail, since }: EngineLogQuery): boolean {
  return from === undefined && skipLines === 0 && tail === undefined && since === undefined;
}

/** One reading of the files. */
class Reading implements Disposable {
  readonly wakeUp: WakeUp;
  readonly #chain: LogFileChain;
  readonly #query: EngineLogQuery;
  readonly #scout: FileScout | undefined;
  readonly #isEarly: boolean;
  /** The time when a log that had not begun was seen to have begun. */
  #seenMs: number | undefined;
  #ends = new LineEnds();
  #reader: LogFileReader | undefined;
  #files: HeldLogFiles | undefined;
  /** The gap before the first record. */
  #gapBefore: OutputGap | undefined;
  /** Records before the first one of this time are left out, in ms of the Unix epoch. */
  #since: Stamp | undefined;
  /** Records came since the last gap: one gap behind the other says nothing new. */
  #isGapNews = true;

  /** `isEarly`: the scout has looked since before the log began. */
  constructor(chain: LogFileChain, query: EngineLogQuery, scout: FileScout | undefined, isEarly: boolean) {
    this.#chain = chain;
    this.#query = query;
    this.#scout = scout;
    this.#isEarly = isEarly;
    scout?.listen(() => this.#heard());
    this.wakeUp = new WakeUp(dirname(chain.path), () => this.hold());
    if (query.from === undefined) this.#since = query.since;
  }

  /** Opens the file to begin with; returns false if there is none. `isLast`: else there is none. */
  async #begin(isLast: boolean): Promise<boolean> {
    if (this.#reader !== undefined) return true;
    const start = this.#isEarly ? await this.#firstFile(isLast) : await findStart(this.#chain, this.#query);
    if (start === undefined) return false;
    this.#files = new HeldLogFiles(this.#chain, this.#scout, start.reader.file);
    this.#files.hold(); // those behind it may be gone before it has been read
    start.reader.stops = this.#query.stops ?? [];
    this.#reader = start.reader;
    this.#ends = new LineEnds(start.skipLines);
    this.#gapBefore = start.gap;
    return true;
  }

  /** Waits for the first file of a log that had not begun, as the scout reports it if it was there in time. */
  async #firstFile(isLast: boolean): Promise<Start | undefined> {
    let first = this.#scout?.first();
    if (first === "later") {
      // If nothing can be missing before the file that is found by name, that is as good.
      const start = await findStart(this.#chain, this.#query);
      if (start !== undefined && (start.gap === undefined || !this.#isToldSoon)) return start;
      start?.reader.file.close();
      if (!isLast) return undefined;
      for (let ms = 0; first === "later" && ms < firstFileMs; ms += firstPollMs) {
        await sleep(firstPollMs);
        first = this.#scout?.first();
      }
    }
    if (first === "later" || first === undefined) return await findStart(this.#chain, this.#query);
    return { reader: new LogFileReader(first, this.#chain.format), skipLines: 0 };
  }

  /** True for a short time after a file could be seen: later its scout has lost sight of it. */
  get #isToldSoon(): boolean {
    this.#seenMs ??= performance.now();
    return performance.now() - this.#seenMs < firstFileMs;
  }

  /** The scout has told something. */
  #heard(): void {
    this.hold();
    this.wakeUp.wake();
  }

  /** Yields what has come since the last call, to the end of the newest file. */
  async *more(isLast: boolean): AsyncGenerator<EngineRecords | OutputGap> {
    if (!(await this.#begin(isLast))) return;
    if (this.#gapBefore !== undefined) yield* this.#gap(this.#gapBefore);
    this.#gapBefore = undefined;
    for (let reader = this.#reader; reader !== undefined; reader = this.#reader) {
      yield* this.#toEnd(reader);
      if (!(await this.#files?.look())) return;
      // Now that there is a file behind it, nobody writes to this one any more.
      yield* this.#toEnd(reader);
      const next = this.#files?.next();
      if (next === undefined) return;
      this.#reader = new LogFileReader(next.file, this.#chain.format);
      if (next.hasMissed) yield* this.#gap(overtaken());
    }
  }

  /** Files were renamed. */
  hold(): void {
    this.#files?.hold();
  }

  [Symbol.dispose](): void {
    this.wakeUp[Symbol.dispose]();
    this.#scout?.[Symbol.dispose]();
    this.#files?.close();
  }

  async *#toEnd(reader: LogFileReader): AsyncGenerator<EngineRecords | OutputGap> {
    for (let piece = await reader.next(); piece !== "nothing"; piece = await reader.next()) {
      if (piece === "emptied") yield* this.#gap(emptied());
      else if (piece === "damaged") yield* this.#gap(damaged());
      else yield* this.#records(piece, reader);
    }
  }

  async *#records(piece: LogRecord[], reader: LogFileReader): AsyncGenerator<EngineRecords> {
    const records: LogRecord[] = [];
    for (const record of this.#fromTime(piece)) this.#ends.take(record, records);
    if (records.length === 0) return;
    this.#isGapNews = true;
    const place = this.#ends.isBetween ? await reader.place() : undefined;
    yield { records, offset: reader.offset, ...(place !== undefined && { place }) };
  }

  #fromTime(piece: LogRecord[]): LogRecord[] {
    const since = this.#since;
    if (since === undefined) return piece;
    const at = piece.findIndex(({ seconds = 0, nanos = 0 }) => compareStamps({ seconds, nanos }, since) >= 0);
    if (at === -1) return [];
    this.#since = undefined;
    return piece.slice(at);
  }

  *#gap(gap: OutputGap): Generator<EngineRecords | OutputGap> {
    const records: LogRecord[] = [];
    this.#ends.restart(records);
    if (records.length > 0) yield { records };
    if (this.#isGapNews) yield gap;
    this.#isGapNews = false;
  }
}
