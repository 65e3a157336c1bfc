// `tasklog monitor --verify`: reads the log of a task from its first line, as any viewer gets it, and compares what it
// amounts to with the checksum that the worker gave with the completion. Lines are told by one sentence, not shown.
import { LogChecksum } from "../../core/log/checksum.ts";
import type { Completion, LogGap } from "../../core/log/log-item.ts";
import type { Task } from "../../core/rpc/gen/tasklog/v1/task.ts";
import type { MasterContext } from "../client.ts";
import type { Session } from "../framework/session.ts";
import { printable } from "../output/printable.ts";
import { StatusLine } from "../output/status-line.ts";
import type { Style } from "../output/style.ts";
import { followTask } from "./follow-task.ts";
import type { MonitorArgs } from "./monitor-flags.ts";
import { needsCompression } from "./needs-compression.ts";

type Verdict = "ok" | "differs" | "unknown";

const verdictExitCodes: Record<Verdict, number> = { ok: 0, differs: 1, unknown: 125 };

/** Verifies each task and prints one sentence for each on stdout. Gives the exit code: the worst one. */
export async function verifyTasks(
  context: MasterContext,
  session: Session,
  tasks: readonly Task[],
  args: Pick<MonitorArgs, "follow" | "json">,
): Promise<number> {
  const verdicts = new Set<Verdict>();
  for (const task of tasks) {
    const found = await readLog(context, session, task, args.follow);
    if (session.signal.aborted) return Number(session.signal.reason);
    const { verdict, sentence } = judge(found);
    verdicts.add(verdict);
    const name = task.spec?.name || task.id;
    const { lines, checksum } = found;
    const text = args.json
      ? JSON.stringify({ task: task.id, verified: verdict, sentence, lines, checksum: `${checksum}` })
      : `${printable(name)}: ${colored(verdict, sentence, context.styles.out)}`;
    await session.out.write(`${text}\n`);
  }
  const worst = verdicts.has("differs") ? "differs" : verdicts.has("unknown") ? "unknown" : "ok";
  return verdictExitCodes[worst];
}

interface Found {
  checksum: LogChecksum;
  lines: number;
  gaps: LogGap[];
  completion: Completion | undefined;
}

async function readLog(
  { client, styles }: MasterContext,
  { signal, err }: Session,
  { id, spec }: Task,
  follow: boolean,
): Promise<Found> {
  const nothing = (): Found => ({ checksum: new LogChecksum(), lines: 0, gaps: [], completion: undefined });
  const statusLine = new StatusLine(err, styles.err);
  statusLine.show(`reading ${spec?.name || id}`);
  let found = nothing();
  try {
    const items = followTask(client, {
      taskId: id,
      start: { $case: "all", value: true },
      follow,
      compress: await needsCompression(client),
      signal,
      onLost: (error) => statusLine.show(`${error.message}; trying again`),
    });
    for await (const item of items) {
      if (item.kind === "start" && !item.recovered) found = nothing();
      else if (item.kind === "gap") found.gaps.push(item);
      else if (item.kind === "complete") found.completion = item.completion;
      else if (item.kind === "batch") {
        found.checksum.add(item.batch);
        found.lines += item.batch.count;
      }
    }
    return found;
  } finally {
    await statusLine.clear();
  }
}

function judge({ checksum, lines, gaps, completion }: Found): { verdict: Verdict; sentence: string } {
  if (completion === undefined) {
    return { verdict: "unknown", sentence: "cannot be verified yet: the task has not ended" };
  }
  if (completion.checksum === "") {
    return { verdict: "unknown", sentence: "cannot be verified: its completion came without a checksum" };
  }
  const [gap] = gaps;
  const missing = gap && `lines ${gap.fromSeq} to ${gap.toSeq} are missing (${gap.reason})`;
  if (completion.checksum === `${checksum}`) {
    // Lines that were never read from the container are in no checksum.
    const but = missing === undefined ? "" : `; but ${missing}`;
    const count = lines === 1 ? "its one line is as it was" : `all ${lines} lines are as they were`;
    return {
      verdict: "ok",
      sentence: `ok, ${lines === 0 ? "it has no lines" : `${count} read`} (${checksum})${but}`,
    };
  }
  if (missing !== undefined) return { verdict: "unknown", sentence: `cannot be verified: ${missing}` };
  return {
    verdict: "differs",
    sentence: `differs: its ${lines} lines give ${checksum}, its completion says ${completion.checksum}`,
  };
}

function colored(verdict: Verdict, sentence: string, style: Style): string {
  const color = { ok: style.green, differs: style.red, unknown: style.yellow }[verdict];
  return color(sentence);
}
