// `tasklog list-tasks`, alias `ps`: the tasks of a master, newest first.
import { taskStatuses } from "../core/log/log-item.ts";
import type { Task } from "../core/rpc/gen/tasklog/v1/task.ts";
import { toTaskJson } from "../core/rpc/task-json.ts";
import { withMaster } from "./client.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { countOrAll, wordsOf } from "./framework/flag-values.ts";
import { formatAge } from "./output/quantities.ts";
import type { Style } from "./output/style.ts";
import { type Column, formatTable } from "./output/table.ts";
import { commandText, runTime, statusStyle, statusText } from "./task/task-text.ts";

const statuses = wordsOf(taskStatuses);

export default defineCommand({
  meta: { name: "list-tasks", description: "Lists tasks, newest first." },
  args: {
    status: {
      type: "string",
      alias: "s",
      valueHint: "STATUS",
      parse: statuses,
      multiple: true,
      description: `only these: ${taskStatuses.join(", ")}`,
    },
    user: {
      type: "string",
      alias: "u",
      valueHint: "USER",
      description: "only tasks that this user submitted",
    },
    worker: {
      type: "string",
      alias: "w",
      valueHint: "WORKER",
      description: "only tasks on this worker, by name or id",
    },
    label: {
      type: "string",
      alias: "l",
      valueHint: "KEY[=VALUE]",
      multiple: true,
      description: "only tasks with this label",
    },
    limit: {
      type: "string",
      alias: "n",
      valueHint: "N|all",
      parse: countOrAll(1),
      default: "100",
      description: "how many tasks to show",
    },
    quiet: { type: "boolean", alias: "q", description: "print only ids" },
    json: { type: "boolean", description: "print NDJSON, one task a line" },
    ...clientFlags,
  },
  examples: [
    { command: "tasklog list-tasks --status running", what: "what runs now" },
    { command: "tasklog cancel $(tasklog ps -q --label batch=7)", what: "cancel all tasks with a label" },
    { command: "tasklog ps --json | jq -r 'select(.status == \"failed\") | .id'", what: "tasks that failed" },
  ],
  run: ({ args, session }) =>
    withMaster({ args, session }, async ({ client, styles }) => {
      const limit = args.limit === "all" ? 0 : args.limit;
      // One more than is shown tells whether there are more.
      const tasks = await client.listTasks({
        status: args.status.flat(),
        userId: args.user ?? "",
        worker: args.worker ?? "",
        labels: args.label,
        limit: limit === 0 ? 0 : limit + 1,
      });
      const shown = limit === 0 ? tasks : tasks.slice(0, limit);
      if (args.quiet) await session.out.write(shown.map((task) => `${task.id}\n`).join(""));
      else if (args.json)
        await session.out.write(shown.map((task) => `${JSON.stringify(toTaskJson(task))}\n`).join(""));
      else if (shown.length > 0) {
        const title = styles.out.bold;
        await session.out.write(
          formatTable(shown, columns(styles.out, client.nowMs()), { width: session.out.columns, title }),
        );
      } else await session.err.write("no tasks\n");
      if (shown.length < tasks.length && !args.quiet) {
        await session.err.write(styles.err.dim(`newest ${limit} shown; --limit all shows all\n`));
      }
      return 0;
    }),
});

function columns(style: Style, nowMs: number): Column<Task>[] {
  return [
    { title: "TASK", text: (task) => task.id, whole: true },
    { title: "NAME", text: (task) => task.spec?.name || "-" },
    {
      title: "STATUS",
      text: statusText,
      style: (text, task) => statusStyle(style, task.status)(text),
      whole: true,
    },
    { title: "AGE", text: (task) => formatAge(task.createdMs, nowMs), align: "right" },
    { title: "TIME", text: (task) => runTime(task, nowMs), align: "right", dropRank: 2 },
    { title: "WORKER", text: (task) => task.workerName || "-", dropRank: 3 },
    { title: "USER", text: (task) => (task.adopted ? "(adopted)" : task.userId), dropRank: 4 },
    { title: "IMAGE", text: (task) => task.spec?.image || "-", dropRank: 1 },
    { title: "COMMAND", text: commandText },
  ];
}
