// `npm run test:faults`: the fault suite for as long as one likes. Prints its seed first, one line for each round, the
// history of a round that failed, and at the end the tables of docs/reliability.md. Leaves with 1 if anything was wrong.
//
//   FAULTS=300            how many faults at least
//   TASKLOG_TEST_SEED=1   else by chance
//   FAULTS_SECONDS=600    no new round after this time
//   FAULTS_WORLDS=disk    only surroundings whose name matches this expression
//   DOCKER_HOST=…         the engine; a private one is started where none answers. Root on Linux: it makes engines and disks
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEngine } from "../../scripts/engine.mjs";
import { ensureTestImage, startSecondEngine } from "../helpers/engine.ts";
import { longSeed } from "../helpers/random.ts";
import { Report } from "./report.ts";
import { runRound } from "./round.ts";
import { allWorlds } from "./worlds.ts";

const faults = Number(process.env["FAULTS"] ?? 300);
const secondsMax = Number(process.env["FAULTS_SECONDS"] ?? Number.POSITIVE_INFINITY);
const wanted = new RegExp(process.env["FAULTS_WORLDS"] ?? "");
const faultsARound = 16;

console.log(
  `seed ${longSeed}, ${faults} faults or more: TASKLOG_TEST_SEED=${longSeed} FAULTS=${faults} npm run test:faults`,
);
const startedMs = performance.now();
const isLate = (): boolean => performance.now() - startedMs > secondsMax * 1000;

await using parts = new AsyncDisposableStack();
let engine = await findEngine();
if (engine === undefined) engine = parts.use(await startSecondEngine()).host;
await ensureTestImage(engine);

const worlds = allWorlds({ engine, dir: join(tmpdir(), `tasklog-faults-${process.pid}`) });
const chosen = worlds.filter(({ name }) => wanted.test(name));
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
const report = new Report(longSeed);
for (const { share, open } of chosen) {
  if (isLate()) break;
  await using world = await open();
  const due = (faults * share) / shares;
  for (let done = 0, n = 0; done < due && !isLate(); n++) {
    const result = await runRound(world.round(longSeed + n, faultsARound));
    report.add(result);
    for (const count of result.faults.values()) done += count;
    console.log(report.lineOf(result));
  }
}
console.log(report.toString((performance.now() - startedMs) / 1000));
process.exitCode = report.isClean ? 0 : 1;
