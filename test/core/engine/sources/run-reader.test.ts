// The reader of an adopted run against a log whose records are known: random histories of lines, rotations, cuts and
// kills, at the end of which each line is there once and in order, or a gap stands where lines are missing.
import { describe, expect, test } from "bun:test";
import { logPartBytes } from "../../../../src/core/engine/records/record-format.ts";
import { ReadingPlaces } from "../../../../src/core/engine/sources/reading-places.ts";
import { RunReader, type RunStart } from "../../../../src/core/engine/sources/run-reader.ts";
import { toRecord } from "../../../../src/core/worker/adopt/adopted-records.ts";
import { AdoptedRunState } from "../../../../src/core/worker/adopt/adopted-run-state.ts";
import { TaskRecords } from "../../../../src/core/worker/tasks/task-records.ts";
import { Random } from "../../../helpers/random.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { at, KnownLog, Stored } from "./known-log.ts";

const histories = process.env["TASKLOG_LONG"] ? 3000 : 200;
const partBytes = "p".repeat(logPartBytes);
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
