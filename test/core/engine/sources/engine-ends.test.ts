// Ends of engines in a log whose records are known, told by readers that are killed before their lines are stored: each end
// is told once, at its place, and no line is joined or split there unmarked.
import { describe, expect, test } from "bun:test";
import type { Taken } from "../../../../src/core/engine/output.ts";
import type { Notes } from "../../../../src/core/engine/sources/notes.ts";
import { ReadingPlaces } from "../../../../src/core/engine/sources/reading-places.ts";
import { RunReader } from "../../../../src/core/engine/sources/run-reader.ts";
import { CountedLines } from "../../../../src/core/engine/takeover/counted-lines.ts";
import { type Cut, EngineCut, withoutTold } from "../../../../src/core/engine/takeover/engine-cut.ts";
import { Random } from "../../../helpers/random.ts";
import { KnownLog, Stored } from "./known-log.ts";

const memory = {
  wasAttached: false,
  sawStart: false,
  sawEnd: false,
  isWhole: true,
  aheadMs: [0, 0] as const,
};
const printing = 0;
const silent = 10_000;

/** Workers of one container, one after the other, each of which knows what the one before has noted. */
class Workers {
  readonly log: KnownLog;
  readonly stored = new Stored();
  readonly #kept = new Map<string, unknown>();
  readonly #notes: Notes = {
    note: (key, value) => void this.#kept.set(key, structuredClone(value)),
    noted: (key) => structuredClone(this.#kept.get(key)),
    forget: (key) => void this.#kept.delete(key),
  };

  constructor(batch: () => number) {
    this.log = new KnownLog(batch);
  }

  /** The engine ends, and the next one goes on with the log at `stop`. */
  engineEnds(silentMs: number, begun: Cut["begun"] = [], stop = this.log.records.length): void {
    const cut = this.#notes.noted("cut") as Cut | undefined;
    const fresh: Cut = {
      ...{ id: crypto.randomUUID(), fromMs: 0, toMs: 0, silentMs, begun },
      ...{ memory: undefined, isTold: false, stops: [] },
    };
    const known = cut ?? fresh;
    known.stops.push(stop);
    this.#notes.note("cut", known);
  }

  /** A worker reads; it is killed after so many items. */
  async read(kill?: number, unfinished: Taken["unfinished"] = {}): Promise<void> {
    const { log, stored } = this;
    const { taken } = stored;
    const places = new ReadingPlaces(this.#notes, "x", 0);
    places.backTo(taken.lastSeq());
    const noted = this.#notes.noted("cut") as Cut | undefined;
    const cut = noted && withoutTold(noted, (id) => places.knows(id));
    const onTold = (): void => {
      if (cut?.isTold) this.#notes.forget("cut");
      else this.#notes.note("cut", cut);
    };
    const parts = { memory, unfinished, onTold, isDown: false, hasStops: true };
    const reader = new RunReader({
      ...{ log, places, taken, run: { from: {}, until: undefined, place: undefined } },
      counted: await CountedLines.behind(taken),
      cut: cut && new EngineCut({ cut, ...parts }),
    });
    await stored.read(reader, [], kill);
  }

  get seen(): (string | null | { cut: string })[] {
    return this.stored.lines.map((line) => line && (line.isCut ? { cut: line.text } : line.text));
  }
}

describe("an engine that ends in the middle of a line, of which an attach gave the beginning", () => {
  async function begun(): Promise<Workers> {
    const workers = new Workers(() => 3);
    workers.log.add("stdout", "first\n");
    await workers.read();
    workers.engineEnds(silent, ["stdout"]);
    return workers;
  }

  test("the worker that has it joins the line", async () => {
    const workers = await begun();
    workers.log.add("stdout", " and end\n");
    await workers.read(undefined, { stdout: Buffer.from("begin") });
    expect(workers.seen).toEqual(["first", "begin and end"]);
  });

  test("the next worker, which has it not, marks the line and tells the gap", async () => {
    const workers = await begun();
    workers.log.add("stdout", " and end\n");
    await workers.read();
    expect(workers.seen).toEqual(["first", null, { cut: " and end" }]);
  });

  test("so it does if the worker before has read on and was killed before the line ended", async () => {
    const workers = await begun();
    workers.log.add("stderr", "other\n");
    await workers.read(undefined, { stdout: Buffer.from("begin") });
    workers.log.add("stdout", " and end\n");
    workers.log.add("stdout", "later\n");
    await workers.read();
    expect(workers.seen).toEqual(["first", "other", null, { cut: " and end" }, "later"]);
  });

  test("nothing is told if the whole line was stored", async () => {
    const workers = await begun();
    workers.log.add("stderr", "other\n");
    workers.log.add("stdout", " and end\n");
    await workers.read(undefined, { stdout: Buffer.from("begin") });
    workers.log.add("stdout", "later\n");
    await workers.read();
    expect(workers.seen).toEqual(["first", "other", "begin and end", "later"]);
  });
});

test("an end that is noticed late is told behind the lines that are stored, and no line is there twice", async () => {
  const workers = new Workers(() => 4);
  const { log, stored } = workers;
  for (let index = 0; index < 8; index++) log.add("stdout", `${index}\n`);
  await workers.read(1);
  await workers.read();
  workers.engineEnds(printing, [], 5);
  // The place that is kept is before the end, the lines that are stored go on behind it.
  stored.lines.length = 7;
  log.add("stdout", "8\n");
  await workers.read(1);
  await workers.read();
  expect(workers.seen).toEqual(["0", "1", "2", "3", "4", "5", "6", null, "7", "8"].map(cutBehindGap));
});

const cutBehindGap = (text: string | null, at: number, all: (string | null)[]) =>
  all[at - 1] === null && text !== null ? { cut: text } : text;

describe("engines that end while lines wait for the disk", () => {
  test.each(Array.from({ length: 300 }, (_, seed) => [seed]))("random history %p", async (seed) => {
    const random = new Random(seed);
    const workers = new Workers(() => random.between(1, 5));
    const { log, stored } = workers;
    const expected: (string | null)[] = [];
    const print = (count: number): void => {
      for (let left = count; left > 0; left--) {
        const text = `${log.records.length}`;
        log.add(random.pick(["stdout", "stderr"] as const), `${text}\n`);
        expected.push(text);
      }
    };
    for (let round = 0; round < 8; round++) {
      print(random.between(0, 40));
      for (let ends = random.between(0, 2); ends > 0; ends--) {
        workers.engineEnds(printing);
        expected.push(null);
        print(random.between(1, 10));
      }
      if (round === 7) break;
      await workers.read(random.chance(0.5) ? random.between(1, 30) : undefined);
      stored.lines.length -= Math.min(stored.lines.length, random.pick([0, 1, 3, 30]));
    }
    await workers.read();
    expect(stored.texts).toEqual(expected);
  });
});
