// The end of a round: all tasks come to their ends, all viewers to theirs, and then it is counted.
import { isFinal, type TaskStatus } from "../../src/core/log/log-item.ts";
import type { TaskJson } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";
import { type AllowedGaps, checkTask } from "./check-task.ts";
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
    removed.has(id) || (isWiped(stage) && stage.brief.includes(name));
  const ids = stage.tasks.map(({ id }) => id);
  let last = "";
  await until(
    "all tasks have ended",
    async () => {
      const tasks = await stage.tasksKnown();
      const ours = tasks.filter(({ id, name }) => ids.includes(id) || stage.brief.includes(name));
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

function isWiped(stage: Stage): boolean {
  return stage.tasks.some(({ wiped }) => wiped);
}

/** Tasks that were asked for while things broke: those that there are have printed two lines and left with 3. */
async function checkBrief(stage: Stage, tally: Tally): Promise<void> {
  const known = (await stage.tasksKnown()).filter(({ name }) => stage.brief.includes(name));
  for (const { id, name, status, exitCode, reason } of known) {
    tally.tasks++;
    // Whether it ran stood only in the folder that was wiped.
    if (isWiped(stage) && status === "lost") continue;
    if (stage.engineFails && exitCode === 125 && reason === "engine") continue;
    const where = `${name} ${id}`;
    if (status !== "failed" || exitCode !== 3) tally.fault(`${where} ended as ${status} with ${exitCode}`);
    const { code, stdout } = await stage.t.run("monitor", "--json", "--tail", "all", id);
    const items = itemsIn(stdout);
    // It had ended before: how is known, what it printed went with the folder.
    if (isWiped(stage) && code === 3 && items.length === 1 && "gap" in (items[0] as Seen)) continue;
    const lines = items.map((item) => ("gap" in item ? JSON.stringify(item.gap) : item.text));
    tally.lines += lines.length;
    if (code !== 3 || lines.sort().join(" ") !== "first second") {
      tally.fault(`${where}: monitor left with ${code} and printed ${JSON.stringify(lines)}`);
    }
  }
}
