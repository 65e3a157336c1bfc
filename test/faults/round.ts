// One round: tasks print, viewers look, faults happen at random moments, two at once now and then. Then everything is
// mended, the tasks come to their ends, and what every viewer saw is held against what the containers printed.
import { cp, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "../helpers/random.ts";
import { type AllowedGaps, checkStage } from "./check-stage.ts";
import type { Fault } from "./faults.ts";
import { anyPrinter, type PrinterOptions } from "./printer.ts";
import type { Stage } from "./stage.ts";
import { Tally } from "./tally.ts";

export interface RoundOptions {
  name: string;
  seed: number;
  /** How many faults, and of which. */
  count: number;
  faults: readonly Fault[];
  stage: () => Promise<Stage>;
  tasks?: number;
  /** What its tasks print, where that is no matter of chance. */
  printer?: Partial<PrinterOptions>;
  gaps?: AllowedGaps;
  /** Between two faults, in ms. */
  pauseMs?: number;
}

export interface RoundResult {
  name: string;
  seed: number;
  seconds: number;
  /** How often each fault was there. */
  faults: Map<string, number>;
  tally: Tally;
  /** What happened when, for whoever has to find out. */
  history: string[];
  /** Where the files of a round that failed are kept. */
  kept: string | undefined;
}

const atOnceShare = 0.3;

export async function runRound(options: RoundOptions): Promise<RoundResult> {
  const { name, seed, count, pauseMs = 600 } = options;
  const random = new Random(seed);
  const startedMs = performance.now();
  const result: RoundResult = {
    name,
    seed,
    seconds: 0,
    faults: new Map(),
    tally: new Tally(),
    history: [],
    kept: undefined,
  };
  const note = (what: string): void => {
    result.history.push(`${((performance.now() - startedMs) / 1000).toFixed(2).padStart(7)} s  ${what}`);
  };
  const stage = await options.stage();
  try {
    for (let n = 0; n < (options.tasks ?? 2); n++)
      await stage.startTask({ ...anyPrinter(random), ...options.printer });
    for (const task of stage.tasks) {
      stage.view(task, ["--tail", "all"]);
      stage.view(task, ["--tail", "0"], false);
      note(`${task.id} prints ${JSON.stringify(task.printer.options)}`);
    }
    await happen();
    note("mended");
    await stage.mend();
    await checkStage(stage, result.tally, note, options.gaps);
  } catch (thrown) {
    result.tally.fault(
      `the round broke off: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : thrown}`,
    );
  }
  if (result.tally.problems.length > 0) result.kept = await keep(stage, options, result.history);
  await stage.close().catch((thrown: Error) => result.tally.fault(`left behind: ${thrown.message}`));
  result.seconds = (performance.now() - startedMs) / 1000;
  return result;

  async function happen(): Promise<void> {
    const held = new Set<string>();
    const running = new Set<Promise<void>>();
    for (let n = 0; n < count; n++) {
      await Bun.sleep(random.between(pauseMs / 6, pauseMs * 2));
      if (random.chance(0.2)) lookAnew(n);
      if (random.chance(0.3)) void stage.startBrief();
      if (!random.chance(atOnceShare)) await Promise.all(running);
      const free = options.faults.filter(({ holds }) => !holds.some((target) => held.has(target)));
      if (free.length === 0) {
        await Promise.all(running);
        n--;
        continue;
      }
      const fault = random.pick(free);
      result.faults.set(fault.name, (result.faults.get(fault.name) ?? 0) + 1);
      for (const target of fault.holds) held.add(target);
      note(fault.name);
      // A seed of its own: what happens at the same time must not change what this one picks.
      const act = fault.act(stage, new Random(seed * 1000 + n)).then(
        (detail) => note(`  over: ${fault.name} ${detail}`),
        (thrown: Error) => result.tally.fault(`${fault.name}: ${thrown.stack ?? thrown.message}`),
      );
      const over = act.finally(() => {
        running.delete(over);
        for (const target of fault.holds) held.delete(target);
      });
      running.add(over);
    }
    await Promise.all(running);
  }

  /** Somebody else comes to look, from somewhere. */
  function lookAnew(n: number): void {
    const task = random.pick(stage.tasks);
    const start = random.pick([
      ["--tail", "all"],
      ["--tail", "500"],
      ["--tail", "0"],
      ["--from-seq", "1"],
    ]);
    note(`fault ${n}: another viewer of ${task.id}, ${start.join(" ")}`);
    stage.view(task, start, random.chance(0.5));
  }
}

async function keep(stage: Stage, { name, seed }: RoundOptions, history: string[]): Promise<string> {
  const dir = join(tmpdir(), `tasklog-faults-${name.replace(/\W+/g, "-")}-${seed}`);
  await mkdir(dir, { recursive: true });
  await cp(stage.t.dir, dir, { recursive: true, filter: (path) => !path.endsWith(".sock") }).catch(() => {});
  await stage.keepTalk(join(dir, "servers.log"));
  await Bun.write(join(dir, "history"), `${history.join("\n")}\n`);
  return dir;
}
