// The end of a round: all tasks come to their ends, all viewers to theirs, and then it is counted.
import { isFinal, type TaskStatus } from "../../src/core/log/log-item.ts";
import type { TaskJson } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";
import { type AllowedGaps, checkTask, isPerhaps } from "./check-task.ts";
import type { Stage } from "./stage.ts";
import type { Tally } from "./tally.ts";
import { itemsIn, type Seen } from "./viewer.ts";

export type { AllowedGaps };

const endMs = 60_000;

export async function checkStage(
  stage: Stage,
  tally: Tally,
  note: (what: string) => void,
  gaps: AllowedGaps = "none",
): Promise<void> {
  for (const { printer } of stage.tasks) await printer.stop();
  const removed = new Set(stage.tasks.filter(({ end }) => end === "removed").map(({ id }) => id));
  const mayBeLost = ({ id, name }: TaskJson): boolean =>
    removed.has(id) || (isWiped(stage) && stage.brief.includes(name ?? ""));
  const ids = stage.tasks.map(({ id }) => id);
  let last = "";
  await until(
    "all tasks have ended",
    async () => {
      const tasks = await stage.tasksKnown();
      const ours = tasks.filter(({ id, name }) => ids.includes(id) || stage.brief.includes(name ?? ""));
      const open = ours.filter(
        (task) => !isFinal(task.status as TaskStatus) || (task.status === "lost" && !mayBeLost(task)),
      );
      last = open.map(({ id, name, status, detail }) => `${id} ${name} ${status} ${detail}`).join("; ");
      return open.length === 0;
    },
    { timeoutMs: endMs, everyMs: 200 },
  ).catch((thrown: Error) => tally.fault(`${thrown.message}: ${last}`));
  note("all tasks have ended");
  for (const task of stage.tasks) await checkTask(stage, task, tally, gaps);
  await checkBrief(stage, tally);
}

/**
 * 128+n: it was killed; 2 and never run: what starts it in the container was killed, a Go program; 0: an engine that was killed
 * just then has noted no better (seen with 20.10, one time in a hundred).
 */
function isEndByEngine(exitCode: number, runs: number): boolean {
  return exitCode > 128 || exitCode === 0 || (exitCode === 2 && runs === 0);
}

function isWiped(stage: Stage): boolean {
  return stage.tasks.some(({ wiped }) => wiped);
}

/**
 * Tasks that were asked for while things broke: the command of each has run once, has printed two lines and left with 3. Where
 * containers end with their engine, it may have been ended; where the engine was away, lines may be told as perhaps missing.
 */
async function checkBrief(stage: Stage, tally: Tally): Promise<void> {
  const known = (await stage.tasksKnown()).filter(({ name }) => stage.brief.includes(name ?? ""));
  for (const { id, name, status, exitCode, detail } of known) {
    tally.tasks++;
    // Whether it ran stood only in the folder that was wiped.
    if (isWiped(stage) && status === "lost") continue;
    const where = `${name} ${id}`;
    const runs = await stage.runsOfBrief(name ?? "");
    // 255 is what containerd says of an end that it has not seen.
    const isUnseen = stage.engineEnds > 0 && exitCode === 255;
    const wasEnded = isUnseen || (stage.engineEndsTasks && isEndByEngine(exitCode ?? 0, runs));
    if ((status !== "failed" || exitCode !== 3) && !wasEnded)
      tally.fault(`${where} ended as ${status} with ${exitCode}: ${detail}`);
    if (runs > 1 || (runs === 0 && !wasEnded)) tally.fault(`${where} has run ${runs} times`);
    const { code, stdout } = await stage.t.run("monitor", "--json", "--tail", "all", id);
    const items = itemsIn(stdout);
    // It had ended before: how is known, what it printed went with the folder.
    if (isWiped(stage) && code === 3 && items.length === 1 && "gap" in (items[0] as Seen)) continue;
    const lines = items.flatMap((item) => ("gap" in item ? [] : [item.text])).sort();
    const gaps = items.flatMap((item) => ("gap" in item ? [item.gap] : []));
    tally.lines += lines.length;
    const isTold = stage.engineEnds > 0 && gaps.length === 1 && gaps.every(isPerhaps);
    const isWhole = lines.join(" ") === "first second" && gaps.length === 0;
    const isPart =
      new Set(lines).size === lines.length && lines.every((text) => /^(first|second)$/.test(text));
    if (isTold) tally.perhaps++;
    if (code !== exitCode || !(isWhole || (isPart && (isTold || wasEnded))))
      tally.fault(`${where}: monitor left with ${code} and printed ${stdout}`);
  }
}
