// The engine's log of a container from the files it is written to. No line is lost at any speed of the engine: an open
// file stays readable when rotation renames or removes it, it is read to its end once there is a file behind it, and
// the file behind it is found by where the open one has gone, as soon as the kernel tells of the rotation. A reader
// that pauses stops nobody; if it is overtaken all the same, it is told so.
import { dirname } from "node:path";
import type { Container } from "dockerode";
import type { OutputGap } from "../../runtime.ts";
import type { LogRecord } from "../container-logs.ts";
import { ContainerEnd } from "./container-end.ts";
import type { EngineLog, EngineLogQuery, EngineRecords } from "./engine-log.ts";
import { findStart } from "./find-start.ts";
import { damaged, emptied, overtaken } from "./gaps.ts";
import { HeldLogFiles } from "./held-log-files.ts";
import { LineEnds } from "./line-ends.ts";
import type { LogFileChain } from "./log-file-chain.ts";
import { LogFileReader } from "./log-file-reader.ts";
import { WakeUp } from "./wake-up.ts";

export class LogFile implements EngineLog {
  readonly kind = "log-file";
  readonly limits: string;
  readonly #container: Container;
  readonly #chain: LogFileChain;

  constructor(container: Container, chain: LogFileChain, limits: string) {
    this.#container = container;
    this.#chain = chain;
    this.limits = limits;
  }

  async *read(query: EngineLogQuery, signal: AbortSignal): AsyncGenerator<EngineRecords | OutputGap> {
    const reading = new Reading(this.#chain, query);
    using wakeUp = new WakeUp(dirname(this.#chain.path), () => reading.hold());
    await wakeUp.watch();
    const left = new AbortController();
    const leaving = AbortSignal.any([signal, left.signal]);
    const wake = (): void => wakeUp.wake();
    leaving.addEventListener("abort", wake);
    const end = query.follow ? new ContainerEnd(this.#container, leaving, wake) : undefined;
    try {
      for (;;) {
        const isLast = end === undefined || end.isDown;
        for await (const item of reading.more()) {
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
      reading.close();
    }
  }
}

/** One reader's way through the files. */
class Reading {
  readonly #chain: LogFileChain;
  readonly #query: EngineLogQuery;
  #ends = new LineEnds();
  #reader: LogFileReader | undefined;
  #files: HeldLogFiles | undefined;
  /** Records before the first one of this time are left out, in ms of the Unix epoch. */
  #sinceMs: number | undefined;
  /** Records came since the last gap: one gap behind the other says nothing new. */
  #isGapNews = true;

  constructor(chain: LogFileChain, query: EngineLogQuery) {
    this.#chain = chain;
    this.#query = query;
    if (query.from === undefined) this.#sinceMs = query.sinceMs;
  }

  /** What has come since the last call, to the end of the newest file. */
  async *more(): AsyncGenerator<EngineRecords | OutputGap> {
    if (this.#reader === undefined) {
      const start = await findStart(this.#chain, this.#query);
      if (start === undefined) return;
      this.#reader = start.reader;
      this.#files = new HeldLogFiles(this.#chain, start.reader.file);
      this.#files.hold(); // those behind it may be gone before it has been read
      this.#ends = new LineEnds(start.skipLines);
      if (start.gap !== undefined) yield* this.#gap(start.gap);
    }
    for (;;) {
      yield* this.#toEnd(this.#reader);
      if (!(await this.#files?.look())) return;
      // Now that there is a file behind it, nobody writes to this one any more.
      yield* this.#toEnd(this.#reader);
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

  close(): void {
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
    yield { records, ...(place !== undefined && { place }) };
  }

  #fromTime(piece: LogRecord[]): LogRecord[] {
    const sinceMs = this.#sinceMs;
    if (sinceMs === undefined) return piece;
    const at = piece.findIndex(({ seconds = 0, nanos = 0 }) => seconds * 1000 + nanos / 1e6 >= sinceMs);
    if (at === -1) return [];
    this.#sinceMs = undefined;
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
