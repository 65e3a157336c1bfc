// The end of a round: all tasks come to their ends, all viewers to theirs, and then it is counted.
import { isFinal, type TaskStatus } from "../../src/core/log/log-item.ts";
import { verifyLog } from "../../src/core/log/segments/verify.ts";
import { until } from "../helpers/until.ts";
import { checkContent } from "./check-content.ts";
import { checkGaps, checkViewer, type Merged } from "./check-viewer.ts";
import type { Counts } from "./printer.ts";
import type { Stage, StagedTask } from "./stage.ts";
import type { Tally } from "./tally.ts";
import { itemsIn, type SeenGap } from "./viewer.ts";

const endMs = 60_000;

export async function checkStage(stage: Stage, tally: Tally, note: (what: string) => void): Promise<void> {
  for (const { printer } of stage.tasks) await printer.stop();
  const ids = stage.tasks.map(({ id }) => id);
  await until(
    "all tasks have ended",
    async () => {
      const tasks = await stage.tasksKnown();
      const open = tasks.filter(({ id, name }) => ids.includes(id) || stage.brief.includes(name));
      return open.every(({ status }) => isFinal(status as TaskStatus) && status !== "lost");
    },
    { timeoutMs: endMs, everyMs: 200 },
  ).catch((thrown: Error) => tally.fault(thrown.message));
  note("all tasks have ended");
  for (const task of stage.tasks) await checkTask(stage, task, tally);
  await checkBrief(stage, tally);
}

async function checkTask(stage: Stage, task: StagedTask, tally: Tally): Promise<void> {
  tally.tasks++;
  const reading = await stage.t.run("monitor", "--json", "--tail", "all", task.id);
  const whole = itemsIn(reading.stdout);
  const merged: Merged = [];
  const where = `${task.id} (${task.end})`;
  const endSeq = checkViewer(`${where}, read afterwards`, whole, merged, tally) ?? 1;
  const kept: Merged = [...merged];
  const first = whole[0];
  const firstSeq = first === undefined ? 1 : "gap" in first ? first.gap.fromSeq : first.seq;
  if (firstSeq !== 1) tally.problem("lost", firstSeq - 1, where, `the log begins with ${firstSeq}`);
  const exitCode = task.end === "own" || task.end === "restarted" ? task.printer.options.exitCode : undefined;
  if (exitCode !== undefined && reading.code !== exitCode) {
    tally.fault(`${where}: monitor left with ${reading.code}, the task with ${exitCode}: ${reading.stderr}`);
  }
  for (const [n, viewer] of task.viewers.entries()) {
    const name = `${where}, viewer ${n}`;
    const late = setTimeout(() => {
      tally.fault(`${name} did not come to its end within ${endMs} ms`);
      void viewer.giveUp();
    }, endMs);
    const code = await viewer.ended;
    clearTimeout(late);
    if (viewer.gaveUp) continue;
    if (code !== reading.code) {
      tally.fault(`${name} left with ${code} and not with ${reading.code}: ${viewer.notices}`);
    }
    const items = await viewer.items();
    const next = checkViewer(name, items, merged, tally);
    if (next !== undefined && next < endSeq)
      tally.problem("lost", endSeq - next, name, `it ends before ${next}`);
    if (next !== undefined && next > endSeq)
      tally.problem("changed", next - endSeq, name, `it saw ${next - 1}, the log ends with ${endSeq - 1}`);
    checkGaps(name, items, kept, tally);
  }
  const gaps = whole.filter((item): item is SeenGap => "gap" in item).map(({ gap }) => gap);
  const uncounted = new Set(gaps.filter(({ count }) => count === undefined).map(({ fromSeq }) => fromSeq));
  await checkPrinted(where, task, { merged, endSeq, uncounted }, tally);
  const report = await verifyLog(stage.logDir(task));
  for (const { file, message } of report.problems) tally.fault(`${where}: on disk ${file} ${message}`);
}

/** A container that was started twice has printed twice, from its first line on. */
async function checkPrinted(
  where: string,
  { printer, end }: StagedTask,
  content: { merged: Merged; endSeq: number; uncounted: Set<number> },
  tally: Tally,
): Promise<void> {
  const none: Counts = { stdout: 0, stderr: 0 };
  const printed = await printer.printed();
  if (end === "own") {
    if (printed === undefined) tally.fault(`${where}: the container did not come to its end`);
    checkContent(where, { ...content, printed: printed ?? none, exact: true }, tally);
  } else if (end === "restarted") {
    const cut = startOfSecondRun(content.merged, content.endSeq);
    const [before, after] = cutAt(content.merged, cut);
    const seen = (await printer.progress(1)) ?? none;
    checkContent(
      `${where}, first run`,
      { ...content, merged: before, endSeq: cut, printed: seen, exact: false },
      tally,
    );
    const second = (await printer.printed(2)) ?? none;
    const endSeq = content.endSeq - cut + 1;
    checkContent(
      `${where}, second run`,
      { merged: after, endSeq, uncounted: new Set(), printed: second, exact: true },
      tally,
    );
  } else {
    checkContent(where, { ...content, printed: none, exact: false }, tally);
  }
}

/** The seq of the second "o 1"; the end where there is none. The streams' first lines may stand in either order. */
function startOfSecondRun(merged: Merged, endSeq: number): number {
  const starts: number[] = [];
  for (let seq = 1; seq < endSeq; seq++) if (/^[oe] 1 /.test(merged[seq]?.text ?? "")) starts.push(seq);
  return starts[2] ?? endSeq;
}

function cutAt(merged: Merged, seq: number): [Merged, Merged] {
  return [merged.slice(0, seq), [undefined, ...merged.slice(seq)]];
}

/** Tasks that were asked for while things broke: those that there are have printed two lines and left with 3. */
async function checkBrief(stage: Stage, tally: Tally): Promise<void> {
  const known = (await stage.tasksKnown()).filter(({ name }) => stage.brief.includes(name));
  for (const { id, name, status, exitCode } of known) {
    tally.tasks++;
    const where = `${name} ${id}`;
    if (status !== "failed" || exitCode !== 3) tally.fault(`${where} ended as ${status} with ${exitCode}`);
    const { code, stdout } = await stage.t.run("monitor", "--json", "--tail", "all", id);
    const lines = itemsIn(stdout).map((item) =>
      "gap" in item ? JSON.stringify(item.gap) : `${item.seq ? "" : "?"}${item.text}`,
    );
    tally.lines += lines.length;
    if (code !== 3 || lines.sort().join(" ") !== "first second") {
      tally.fault(`${where}: monitor left with ${code} and printed ${JSON.stringify(lines)}`);
    }
  }
}
