// The fault suite in its short form: a few rounds of each kind, of one seed, so that a failure is news of the code. The
// long form is `npm run test:faults` (long-form.ts). TASKLOG_TEST_SEED chooses another seed.
import { describe, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useEngine } from "../helpers/engine.ts";
import { testSeed } from "../helpers/random.ts";
import { Report } from "./report.ts";
import { runRound } from "./round.ts";
import {
  adoption,
  clocks,
  engineRestarts,
  fullDisk,
  processes,
  rotations,
  sameLines,
  type World,
  wipes,
} from "./worlds.ts";

const engine = await useEngine();
const dir = join(tmpdir(), `tasklog-faults-${process.pid}`);
/** Engines and disks of one's own. */
const isRoot = process.platform === "linux" && process.getuid?.() === 0;

async function survives(open: Promise<World>, count: number): Promise<void> {
  await using world = await open;
  const report = new Report(testSeed);
  const result = await runRound(world.round(testSeed, count));
  report.add(result);
  if (!report.isClean) throw new Error(`TASKLOG_TEST_SEED=${testSeed}\n${report.lineOf(result)}`);
  expect(result.tally.lines).toBeGreaterThan(0);
}

describe("each line once and in order, whatever is killed, cut or stopped", () => {
  test("processes, connections, clients, containers", () => survives(processes(engine), 14));
  test("the clock is set back", () => survives(clocks(`${dir}-clock`, engine), 5));
  test("all lines are the same one", () => survives(sameLines(engine), 3));
  test("the worker's data folder is wiped", () => survives(wipes(engine), 1));
});

describe.if(isRoot)("and whatever becomes of engine and disk", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)("the engine ends by %s, with live-restore", (signal) =>
    survives(engineRestarts(true, signal), 3),
  );
  test.each(["SIGTERM", "SIGKILL"] as const)("the engine ends by %s, and the containers with it", (signal) =>
    survives(engineRestarts(false, signal), 1),
  );
  test("the engine's log rotates", () => survives(rotations("json-file", false), 2));
  test.each(["json-file", "local"] as const)(
    "the worker is killed while the engine's log rotates (%s)",
    (driver) => survives(rotations(driver, true), 3),
  );
  test("adopted containers, while the engine's log rotates", () => survives(adoption(), 4));
  test("the worker's disk is full", () => survives(fullDisk(`${dir}-disk`, engine), 4));
});
