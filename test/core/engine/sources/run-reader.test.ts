// The reader of an adopted run against a log whose records are known: random histories of lines, rotations, cuts and
// kills, at the end of which each line is there once and in order, or a gap stands where lines are missing.
import { describe, expect, test } from "bun:test";
import { compareStamps, type Stamp } from "../../../../src/core/base/stamp.ts";
import type { OutputGap, Taken } from "../../../../src/core/engine/output.ts";
import { type LogRecord, logPartBytes } from "../../../../src/core/engine/records/record-format.ts";
import type {
  EngineLog,
  EngineLogQuery,
  EngineRecords,
} from "../../../../src/core/engine/sources/engine-log.ts";
import { rotatedAway } from "../../../../src/core/engine/sources/gaps.ts";
import { ReadingPlaces } from "../../../../src/core/engine/sources/reading-places.ts";
import { RunReader, type RunStart } from "../../../../src/core/engine/sources/run-reader.ts";
import type { StreamName } from "../../../../src/core/log/line-batch.ts";
import { LineSplitter } from "../../../../src/core/log/line-splitter.ts";
import { toRecord } from "../../../../src/core/worker/adopt/adopted-records.ts";
import { AdoptedRunState } from "../../../../src/core/worker/adopt/adopted-run-state.ts";
import { TaskRecords } from "../../../../src/core/worker/tasks/task-records.ts";
import { Random } from "../../../helpers/random.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";

const histories = process.env["TASKLOG_LONG"] ? 3000 : 200;
const partBytes = "p".repeat(logPartBytes);
const at = (index: number): Stamp => ({
  seconds: 1_795_000_000 + Math.floor(index / 10),
  nanos: (index % 10) * 1e8,
});

/** An engine's log in memory. A place is the index of the record behind it. */
class KnownLog implements EngineLog {
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
    { from, since }: EngineLogQuery,
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
      const records = this.records.slice(index, index + this.#batch());
      index += records.length;
      yield { records, ...(this.#between.has(index) && { place: { source: "log-file", index } }) };
    }
  }
}

const timeOf = (record: LogRecord | undefined): Stamp => ({
  seconds: record?.seconds ?? 0,
  nanos: record?.nanos ?? 0,
});

/** What a worker has stored of a run: lines, and null where some are missing. */
class Stored {
  readonly lines: ({ text: string; stamp: Stamp; isCut: boolean } | null)[] = [];

  get taken(): Taken {
    return {
      stdout: 0,
      stderr: 0,
      isExact: true,
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
        for (const { text, seconds, nanos, cut } of splitter.take()?.lines() ?? []) {
          this.lines.push({
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

async function setup(from: RunStart = {}) {
  const dir = await tempDir();
  const records = new TaskRecords(dir.path, () => "worker-1");
  const container = {
    id: "abc",
    name: "web",
    image: "",
    entrypoint: [],
    command: [],
    tty: false,
    labels: {},
  };
  const record = toRecord(
    "worker-1",
    container,
    { text: "2026-11-25T17:33:41.000000001Z", stamp: at(0) },
    from,
  );
  return {
    records,
    run: () => new AdoptedRunState(structuredClone(record)),
    [Symbol.asyncDispose]: async () => {
      records.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}

describe("run reader", () => {
  test("between two ends in one log - each run has exactly its lines", async () => {
    await using s = await setup();
    const log = new KnownLog(() => 4);
    for (let index = 0; index < 30; index++) log.add(index % 3 === 0 ? "stderr" : "stdout", `${index}\n`);
    const first = s.run();
    first.end({ until: at(9), result: {} as never }, s.records);
    const one = new Stored();
    const places = () => new ReadingPlaces(s.records, "task-x");
    await one.read(new RunReader({ run: first, log, places: places(), taken: one.taken }));
    expect(one.texts).toEqual(Array.from({ length: 10 }, (_, index) => `${index}`));

    const second = s.run();
    second.record.adopted.from = { place: first.place, after: at(9) };
    const two = new Stored();
    await two.read(new RunReader({ run: second, log, places: places(), taken: two.taken }));
    expect(two.texts).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 10}`));
  });

  test.each(Array.from({ length: histories }, (_, seed) => [seed]))("random history %p", async (seed) => {
    const random = new Random(seed);
    const before = random.between(0, 20);
    const start = before === 0 ? {} : { after: at(before - 1) };
    await using s = await setup(start);
    const log = new KnownLog(() => random.between(1, 7));
    const expected: string[] = [];
    const print = (count: number, isOurs: boolean) => {
      for (let left = count; left > 0; left--) {
        const stream = random.pick(["stdout", "stderr"] as const);
        const parts = random.between(0, 30) === 0 ? random.between(1, 3) : 0;
        for (let part = 0; part < parts; part++) {
          log.add(stream, partBytes);
          if (random.between(0, 1) === 0) {
            log.add(stream === "stdout" ? "stderr" : "stdout", `${log.records.length}\n`);
            if (isOurs) expected.push(`${log.records.length - 1}`);
          }
        }
        log.add(stream, `${log.records.length}\n`);
        const text = `${log.records.length - 1}`;
        if (isOurs) expected.push(parts === 0 ? text : `long ${text}`);
      }
    };
    while (log.records.length < before) log.add("stdout", `${log.records.length}\n`);
    const stored = new Stored();
    let mayMiss = false;
    for (let round = 0; round < 8; round++) {
      const run = s.run();
      const places = new ReadingPlaces(s.records, "task-x", 0);
      const reader = new RunReader({ run, log, places, taken: stored.taken });
      print(random.between(0, 60), true);
      const cuts = Array.from({ length: random.between(0, 3) }, () => random.between(1, 20));
      await stored.read(reader, cuts, round === 7 ? undefined : random.between(1, 80));
      if (round === 7) break;
      // The worker is killed: the last lines have not come to its disk. Then the engine's log goes on, and may rotate.
      stored.lines.length -= Math.min(stored.lines.length, random.between(0, 10));
      print(random.between(0, 20), true);
      if (random.between(0, 2) === 0) {
        log.rotate(random.between(0, 40));
        mayMiss = true;
      }
    }
    const { texts } = stored;
    const lines = texts.filter((text) => text !== null);
    if (!mayMiss) expect(texts).toEqual(expected);
    // In order, none twice; and where one is missing, a gap stands.
    let next = 0;
    // What is gone before anything was ever taken cannot be known.
    let isGap = true;
    for (const text of texts) {
      if (text === null) isGap = true;
      else {
        const index = expected.indexOf(text, next);
        expect({ seed, text, index: index >= next }).toEqual({ seed, text, index: true });
        if (index > next)
          expect({ seed, text, missing: expected.slice(next, index), isGap }).toMatchObject({ isGap: true });
        next = index + 1;
        isGap = false;
      }
    }
    expect(next).toBe(expected.length);
    expect(new Set(lines).size).toBe(lines.length);
  });
});
