// `tasklog monitor`: what tasks print, live and afterwards. Looks and never touches.

import type { Completion } from "../core/log/log-item.ts";
import type { Task } from "../core/rpc/gen/tasklog/v1/task.ts";
import { isNobodyThere, type MasterContext, withMaster } from "./client.ts";
import { defineCommand, type Invocation } from "./framework/define-command.ts";
import type { Session } from "./framework/session.ts";
import { formatBanner, formatCompletion } from "./logs/banner.ts";
import { type MonitorArgs, monitorFlags } from "./logs/monitor-flags.ts";
import { type MonitorRange, rangeOf } from "./logs/monitor-range.ts";
import { showTask } from "./logs/show-task.ts";
import { watchKeys } from "./logs/watch-keys.ts";
import { canReadKeys } from "./output/keys.ts";
import { printable } from "./output/printable.ts";
import { StatusLine } from "./output/status-line.ts";
import { exitCodeOf } from "./task/exit-code.ts";

export default defineCommand({
  meta: {
    name: "monitor",
    description:
      "Shows what tasks print, live and afterwards, as often as you like and from anywhere. " +
      "Where no master runs, it shows containers of the local engine, by name, id or Compose service.",
  },
  args: monitorFlags,
  examples: [
    { command: "tasklog monitor nightly", what: "the last 1000 lines, then live, until the task ends" },
    {
      command: "tasklog monitor --tail all --no-follow nightly > nightly.log",
      what: "the whole log to a file",
    },
    {
      command: "tasklog monitor build-linux build-mac",
      what: "two tasks at once, each line prefixed with its task",
    },
    {
      command: "tasklog monitor --since 10m --stream stderr nightly",
      what: "errors of the last ten minutes, and new ones",
    },
    { command: "tasklog monitor --previous nightly", what: "the run before: why did it end?" },
    { command: "tasklog monitor --json nightly | jq -r .text", what: "for a script" },
    {
      command: "tasklog monitor --verify nightly",
      what: "check that the log is byte for byte what the task printed",
    },
  ],
  notes: [
    "On a terminal any key exits (exit code 0), and so does Ctrl-C (130); the task keeps running. " +
      "Arrow and function keys do not count as keys. " +
      "Only the text and colours that the task prints reach the terminal; --raw passes everything. " +
      "In a pipe only the lines are printed: the task's stdout to stdout, its stderr to stderr.",
    "Exit codes: the task's own if it was followed to its end (with several tasks, the first that is not 0); 0 with --no-follow; " +
      "124 time-out; 125 the log could not be shown; 128+n ended by signal n; 141 the reader of stdout closed; 2 usage. " +
      "With --until: 0 when that time is reached. With --verify: 0 the log is complete; 1 it differs; 125 it could not be checked.",
  ],
  run: monitor,
});

async function monitor({ args, given, session }: Invocation<typeof monitorFlags>): Promise<number> {
  const range = rangeOf(args, given);
  try {
    return await withMaster({ args, session }, async (context) => {
      const tasks = await findTasks(context, args.TASK, args.previous ? 1 : 0, session.signal);
      if (!args.verify) return await monitorTasks(context, session, tasks, args, range);
      const { verifyTasks } = await import("./logs/verify-tasks.ts");
      return await verifyTasks(context, session, tasks, args);
    });
  } catch (error) {
    // A named master is the one to ask; and only a master knows what there is to verify.
    const isAnyMaster = args.master === undefined && !args.verify;
    if (!isAnyMaster || !isNobodyThere(error)) throw error;
    const { monitorLocalContainers } = await import("./logs/monitor-local.ts");
    return await monitorLocalContainers(session, args, range, error);
  }
}

async function monitorTasks(
  context: MasterContext,
  session: Session,
  tasks: readonly Task[],
  args: MonitorArgs,
  range: MonitorRange,
): Promise<number> {
  const names = tasks.map((task) => printable(task.spec?.name || task.id));
  const width = Math.max(...names.map((name) => Bun.stringWidth(name)));
  const several = tasks.length > 1;
  const framed = session.out.isTTY && !args.json;
  const style = context.styles.out;
  const statusLine = new StatusLine(session.err, context.styles.err);

  using leaving = watchKeys(session, framed);
  if (framed) {
    const hint = canReadKeys() ? "Press any key to exit" : "";
    const banner = { taskIds: tasks.map((task) => task.id), userId: context.settings.user.value, hint };
    await session.out.write(formatBanner(banner, style, session.out.columns));
  }
  const completions = await Promise.all(
    tasks.map((task, index) =>
      showTask(context, session, task, {
        ...range,
        follow: args.follow,
        timestamps: args.timestamps,
        json: args.json,
        raw: args.raw,
        signal: leaving.signal,
        statusLine,
        ...(several && { prefix: (names[index] ?? "").padEnd(width) }),
        ...(framed && {
          showCompletion: (completion: Completion) =>
            session.out.write(
              formatCompletion(completion, style, session.out.columns, several ? names[index] : ""),
            ),
        }),
      }),
    ),
  );
  if (leaving.exitCode !== undefined) return leaving.exitCode;
  const codes = completions.map((completion) => (completion === undefined ? 0 : exitCodeOf(completion)));
  return args.follow ? (codes.find((code) => code !== 0) ?? 0) : 0;
}

/** Each task once, in the order named. */
async function findTasks(
  { client }: MasterContext,
  refs: readonly string[],
  previous: number,
  signal: AbortSignal,
): Promise<Task[]> {
  const tasks = new Map<string, Task>();
  for (const ref of refs) {
    const task = await client.getTask(ref, signal, previous);
    tasks.set(task.id, task);
  }
  return [...tasks.values()];
}
