// An engine's log whose records are known, and what a worker has stored of it: for readers against kills and cuts.
import { compareStamps, type Stamp } from "../../../../src/core/base/stamp.ts";
import type { OutputGap, Taken } from "../../../../src/core/engine/output.ts";
import type { LogRecord } from "../../../../src/core/engine/records/record-format.ts";
import type {
  EngineLog,
  EngineLogQuery,
  EngineRecords,
} from "../../../../src/core/engine/sources/engine-log.ts";
import { rotatedAway } from "../../../../src/core/engine/sources/gaps.ts";
import type { RunReader } from "../../../../src/core/engine/sources/run-reader.ts";
import type { StreamName } from "../../../../src/core/log/line-batch.ts";
import { LineSplitter } from "../../../../src/core/log/line-splitter.ts";

export const at = (index: number): Stamp => ({
  seconds: 1_795_000_000 + Math.floor(index / 10),
  nanos: (index % 10) * 1e8,
});

/** An engine's log in memory. A place is the index of the record behind it. */
export class KnownLog implements EngineLog {
  readonly kind = "log-file";
  readonly limits = "";
  readonly records: LogRecord[] = [];
  /** The oldest record that has not rotated away. */
  first = 0;
  readonly #batch: () => number;
  readonly #open = new Set<StreamName>();
  /** Indexes between two lines. */
  readonly #between = new Set([0]);

  constructor(batch: () => number) {
    this.#batch = batch;
  }

  add(stream: StreamName, text: string): void {
    const { seconds, nanos } = at(this.records.length);
    this.records.push({ stream, bytes: Buffer.from(text), seconds, nanos });
    if (text.endsWith("\n")) this.#open.delete(stream);
    else this.#open.add(stream);
    if (this.#open.size === 0) this.#between.add(this.records.length);
  }

  /** Whole lines go. */
  rotate(count: number): void {
    let to = Math.min(this.records.length, this.first + count);
    while (!this.#between.has(to)) to--;
    this.first = Math.max(this.first, to);
  }

  async *read(
    { from, since, stops = [] }: EngineLogQuery,
    signal: AbortSignal,
  ): AsyncGenerator<EngineRecords | OutputGap> {
    let index = from === undefined ? this.first : Number(from["index"]);
    if (index < this.first) {
      yield rotatedAway();
      index = this.first;
    }
    if (from === undefined && since !== undefined) {
      while (index < this.records.length && compareStamps(timeOf(this.records[index]), since) < 0) index++;
    }
    while (index < this.records.length && !signal.aborted) {
      const stop = stops.find((stop) => stop > index) ?? this.records.length;
      const records = this.records.slice(index, Math.min(stop, index + this.#batch()));
      index += records.length;
      const place = this.#between.has(index) && ({ place: { source: "log-file", index } } as const);
      yield { records, offset: index, ...place };
    }
  }
}

const timeOf = (record: LogRecord | undefined): Stamp => ({
  seconds: record?.seconds ?? 0,
  nanos: record?.nanos ?? 0,
});

/** What a worker has stored of a run: lines, and null where some are missing. */
export class Stored {
  readonly lines: ({ stream: StreamName; text: string; stamp: Stamp; isCut: boolean } | null)[] = [];

  get taken(): Taken {
    return {
      stdout: this.lines.filter((line) => line?.stream === "stdout").length,
      stderr: this.lines.filter((line) => line?.stream === "stderr").length,
      isExact: !this.lines.includes(null),
      lastSeq: () => this.lines.length,
      lastStamp: this.lines.findLast((line) => line !== null)?.stamp,
      lastLines: async () => [],
    };
  }

  /**
   * Reads to the end of what there is. `cuts`: after so many chunks the log is left and taken up again; `kill`: after so
   * many the reader is no more, nor is what its splitter holds.
   */
  async read(reader: RunReader, cuts: number[] = [], kill = Number.POSITIVE_INFINITY): Promise<void> {
    const splitter = new LineSplitter({ tty: false });
    let chunks = 0;
    for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
      const leaving = new AbortController();
      let left = cut;
      for await (const item of reader.read(false, leaving.signal)) {
        if ("missing" in item) splitter.end(at(0));
        else
          for (const { stream, bytes, stamp, isCut } of [item].flat())
            splitter.push(stream, bytes, stamp ?? at(0), isCut);
        for (const { stream, text, seconds, nanos, cut } of splitter.take()?.lines() ?? []) {
          this.lines.push({
            stream,
            isCut: cut,
            text: text.replace(/^p+/, "long "),
            stamp: { seconds, nanos },
          });
        }
        if ("missing" in item) this.lines.push(null);
        if (++chunks >= kill) return;
        if (--left === 0) leaving.abort();
      }
    }
  }

  get texts(): (string | null)[] {
    return this.lines.map((line) => line?.text ?? null);
  }
}
