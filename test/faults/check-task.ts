// One task after its end: what each viewer saw, what the log has, what lies on the disk, held against what was printed.
import { verifyLog } from "../../src/core/log/segments/verify.ts";
import { checkContent } from "./check-content.ts";
import { checkGaps, checkViewer, type Merged, short } from "./check-viewer.ts";
import { takeEngineLog } from "./engine-log.ts";
import { type Counts, lineOf, sameLine } from "./printer.ts";
import type { Stage, StagedTask } from "./stage.ts";
import type { Tally } from "./tally.ts";
import { itemsIn, type Seen, type SeenGap, type SeenLine, type Viewer } from "./viewer.ts";

/**
 * Which gaps a log may have: none, for nothing was taken away; such as say themselves that perhaps nothing is missing, one
 * for each end of an engine; of lines that nobody can have seen; or also of lines that were seen live and did not reach the
 * disk.
 */
export type AllowedGaps = "none" | "perhaps" | "unseen" | "any";

const endMs = 60_000;
const nothing: Counts = { stdout: 0, stderr: 0 };

export async function checkTask(
  stage: Stage,
  task: StagedTask,
  tally: Tally,
  allowed: AllowedGaps,
): Promise<void> {
  tally.tasks++;
  const where = `${task.id} (${task.end})`;
  const reading = await stage.t.run("monitor", "--json", "--tail", "all", task.id);
  const whole = itemsIn(reading.stdout);
  const merged: Merged = [];
  const endSeq = checkViewer(`${where}, read afterwards`, whole, merged, tally) ?? 1;
  const kept: Merged = [...merged];
  const firstSeq = startOf(whole[0]) ?? 1;
  if (firstSeq !== 1) tally.problem("lost", firstSeq - 1, where, `the log begins with ${firstSeq}`);
  const { exitCode } = task.printer.options;
  if ((task.end === "own" || task.end === "restarted") && reading.code !== exitCode) {
    tally.fault(`${where}: monitor left with ${reading.code}, the task with ${exitCode}: ${reading.stderr}`);
  }

  const before: Merged = [];
  for (const [n, viewer] of task.viewers.entries()) {
    const name = `${where}, viewer ${n}`;
    if (!(await comesToItsEnd(viewer, name, reading.code, tally))) continue;
    const items = task.wiped
      ? takeOldLog(viewer, await viewer.items(), name, before, tally)
      : await viewer.items();
    const next = checkViewer(name, items, merged, tally);
    if (next === undefined) continue;
    if (next < endSeq) tally.problem("lost", endSeq - next, name, `it ends before ${next}`);
    if (next > endSeq)
      tally.problem("changed", next - endSeq, name, `it saw ${next - 1}, the log ends with ${endSeq - 1}`);
    checkGaps(name, items, kept, tally);
  }

  const gaps = whole.filter((item): item is SeenGap => "gap" in item).map(({ gap }) => gap);
  let perhapsMax = allowed === "perhaps" ? stage.engineEnds : 0;
  for (const gap of gaps) {
    if (isPerhaps(gap) && perhapsMax-- > 0) {
      tally.perhaps++;
      continue;
    }
    const seen = merged.slice(gap.fromSeq, gap.toSeq + 1).filter((line) => line !== undefined).length;
    if (seen > 0 && allowed !== "any")
      tally.problem("lost", seen, where, `seen live, not in the log any more: ${JSON.stringify(gap)}`);
    else if ((allowed === "none" || allowed === "perhaps") && task.end !== "removed")
      tally.problem(
        "lost",
        gap.toSeq - gap.fromSeq + 1,
        where,
        `told, but it was all there: ${JSON.stringify(gap)}`,
      );
  }
  const uncounted = new Set(gaps.filter(({ count }) => count === undefined).map(({ fromSeq }) => fromSeq));
  await checkPrinted(stage, where, task, { merged, endSeq, uncounted }, tally);
  if (task.wiped) {
    const content = { merged: before, endSeq: before.length, uncounted: new Set<number>() };
    checkContent(`${where}, before the wipe`, { ...content, printed: nothing, exact: false }, tally);
  }
  const report = await verifyLog(stage.logDir(task));
  for (const { file, message } of report.problems) tally.fault(`${where}: on disk ${file} ${message}`);
}

/** Lines may be missing, and nobody can know whether, or how many. */
export function isPerhaps({ count, reason }: SeenGap["gap"]): boolean {
  return count === undefined && reason.startsWith("perhaps none: ");
}

/** It must leave with the task's exit code, as one does that reads the log afterwards. */
async function comesToItsEnd(viewer: Viewer, name: string, exitCode: number, tally: Tally): Promise<boolean> {
  const late = setTimeout(() => {
    tally.fault(`${name} did not come to its end within ${endMs} ms`);
    void viewer.giveUp();
  }, endMs);
  const code = await viewer.ended;
  clearTimeout(late);
  if (viewer.gaveUp) return false;
  if (code !== exitCode) tally.fault(`${name} left with ${code} and not with ${exitCode}: ${viewer.notices}`);
  return true;
}

/** What a viewer saw before the log began anew, into `before`; gives what it saw from then on. */
function takeOldLog(viewer: Viewer, items: Seen[], name: string, before: Merged, tally: Tally): Seen[] {
  const anew = items.findLastIndex((item, n) => n > 0 && startOf(item) === 1);
  if (anew === -1) {
    if ((startOf(items[0]) ?? 1) !== 1) tally.fault(`${name} did not begin anew`);
    return items;
  }
  if (!viewer.notices.includes("anew")) tally.fault(`${name} was not told that the log began anew`);
  checkViewer(`${name}, before`, items.slice(0, anew), before, tally);
  return items.slice(anew);
}

function startOf(item: Seen | undefined): number | undefined {
  if (item === undefined) return undefined;
  return "gap" in item ? item.gap.fromSeq : item.seq;
}

interface Log {
  merged: Merged;
  endSeq: number;
  uncounted: ReadonlySet<number>;
}

async function checkPrinted(
  stage: Stage,
  where: string,
  task: StagedTask,
  log: Log,
  tally: Tally,
): Promise<void> {
  const { printer, end } = task;
  if (end === "removed") await removeLeft(stage, task);
  const isThere = task.kept && end !== "removed";
  const engineLog = isThere ? await takeEngineLog(stage, task) : undefined;
  if (printer.options.same) return await checkSame(where, task, log, tally);
  if (task.restarts > 1) return await checkRuns(where, task, log, tally);
  const inEngine = engineLog?.lines;
  const mayEngineLose = stage.engineEnds > task.engineEndsBefore;
  const lacksTornEnd = printer.options.torn && engineLog !== undefined && !engineLog.endsTorn;
  if (end === "own") {
    const printed = await printer.printed();
    if (printed === undefined) tally.fault(`${where}: the container did not come to its end`);
    checkContent(
      where,
      { ...log, printed: printed ?? nothing, exact: true, inEngine, mayEngineLose, lacksTornEnd },
      tally,
    );
  } else if (end === "restarted") {
    // A container that was started twice has printed twice, from its first line on.
    const cut = startOfSecondRun(log);
    const first = { merged: log.merged.slice(0, cut), endSeq: cut, uncounted: log.uncounted };
    const printed = (await printer.progress(1)) ?? nothing;
    checkContent(`${where}, first run`, { ...first, printed, exact: false, mayEngineLose }, tally);
    const uncounted = new Set([...log.uncounted].map((seq) => seq - cut + 1));
    const second = { merged: [undefined, ...log.merged.slice(cut)], endSeq: log.endSeq - cut + 1, uncounted };
    const again = (await printer.printed(2)) ?? nothing;
    checkContent(
      `${where}, second run`,
      { ...second, printed: again, exact: true, inEngine, mayEngineLose, lacksTornEnd },
      tally,
    );
  } else {
    // It did not come to its end: then all that the engine has is to be there.
    const printed = engineLog?.counts ?? nothing;
    checkContent(where, { ...log, printed, exact: false, inEngine, mayEngineLose }, tally);
  }
}

/** An engine that was busy may have answered before it had removed it. */
async function removeLeft({ t }: Stage, { id }: StagedTask): Promise<void> {
  for (const { id: container } of (await t.containers()).filter(({ task }) => task === id))
    await t.removeContainer(container);
}

/** Of lines that are all equal, there are as many of each stream as were printed. */
async function checkSame(
  where: string,
  { printer }: StagedTask,
  { merged }: Log,
  tally: Tally,
): Promise<void> {
  const printed = (await printer.printed()) ?? nothing;
  for (const stream of ["stdout", "stderr"] as const) {
    const lines = merged.filter((line) => line?.stream === stream);
    const over = lines.length - printed[stream];
    const what = `${stream} has ${lines.length} lines, ${printed[stream]} were printed`;
    if (over !== 0) tally.problem(over > 0 ? "repeated" : "lost", Math.abs(over), where, what);
    const other = lines.find((line) => line?.text !== sameLine);
    if (other) tally.problem("changed", 1, where, `${other.seq} is ${short(other)}`);
  }
}

/** A container that was started over and over has printed the same as often: each stream is looked at by itself. */
async function checkRuns(where: string, task: StagedTask, { merged }: Log, tally: Tally): Promise<void> {
  const runs: Merged[] = Array.from({ length: task.restarts + 1 }, () => [undefined]);
  for (const stream of ["stdout", "stderr"] as const) {
    let run = -1;
    for (const line of merged) {
      if (line?.stream !== stream) continue;
      if (isFirstLine(line)) run++;
      const lines = runs[run];
      lines?.push({ ...line, seq: lines.length });
    }
    if (run !== task.restarts)
      tally.problem("lost", 1, where, `${stream} of ${run + 1} runs, there were ${task.restarts + 1}`);
  }
  for (const [index, lines] of runs.entries()) {
    const exact = index === task.restarts;
    const { printer } = task;
    const printed = await (exact ? printer.printed(index + 1) : printer.progress(index + 1));
    const content = { merged: lines, endSeq: lines.length, uncounted: new Set<number>(), exact };
    checkContent(`${where}, run ${index + 1}`, { ...content, printed: printed ?? nothing }, tally);
  }
}

/** The seq of the second first line; the streams' first lines may stand in either order. */
function startOfSecondRun({ merged, endSeq }: Log): number {
  const starts: number[] = [];
  for (let seq = 1; seq < endSeq; seq++) if (isFirstLine(merged[seq])) starts.push(seq);
  return starts[2] ?? endSeq;
}

function isFirstLine(line: SeenLine | undefined): boolean {
  return line?.text === lineOf(line?.stream ?? "stdout", 1);
}
