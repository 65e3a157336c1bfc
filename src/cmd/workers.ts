// `tasklog workers`: the workers a master knows.

import type { WorkerInfo } from "../core/rpc/gen/tasklog/v1/task.ts";
import { toWorkerJson } from "../core/rpc/worker-json.ts";
import { withMaster } from "./client.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { formatAge } from "./output/quantities.ts";
import type { Style } from "./output/style.ts";
import { type Column, formatTable } from "./output/table.ts";

export default defineCommand({
  meta: { name: "workers", description: "Lists the workers of a master." },
  args: {
    label: {
      type: "string",
      alias: "l",
      valueHint: "KEY[=VALUE]",
      multiple: true,
      description: "only workers with this label",
    },
    json: { type: "boolean", description: "print NDJSON, one worker a line" },
    ...clientFlags,
  },
  examples: [
    { command: "tasklog workers", what: "all workers" },
    { command: "tasklog workers --label gpu=yes --json", what: "those with a label, for a script" },
  ],
  run: ({ args, session }) =>
    withMaster({ args, session }, async ({ client, styles }) => {
      const workers = await client.listWorkers({ labels: args.label });
      if (args.json) {
        await session.out.write(
          workers.map((worker) => `${JSON.stringify(toWorkerJson(worker))}\n`).join(""),
        );
      } else if (workers.length > 0) {
        const title = styles.out.bold;
        await session.out.write(
          formatTable(workers, columns(styles.out, client.nowMs()), { width: session.out.columns, title }),
        );
      } else {
        await session.err.write(
          "no workers: start one with `tasklog worker --master HOST:PORT` on a Docker host\n",
        );
      }
      return 0;
    }),
});

/** Describes the engine of a worker; without an engine's version, its runtimes and that the engine is missing. */
function engineText({ engine, runtimes }: WorkerInfo): string {
  const names = runtimes.map((name) => (name === "docker" ? "docker (not answering)" : name));
  return engine || names.join(", ") || "-";
}

function columns(style: Style, nowMs: number): Column<WorkerInfo>[] {
  return [
    { title: "WORKER", text: (worker) => worker.name },
    {
      title: "STATUS",
      text: (worker) =>
        worker.connected ? "connected" : `away ${formatAge(worker.lastSeenMs, nowMs)}`.trim(),
      style: (text, worker) => (worker.connected ? style.green(text) : style.red(text)),
      whole: true,
    },
    { title: "RUNNING", text: ({ running, slots }) => `${running}/${slots}`, align: "right" },
    { title: "ENGINE", text: engineText },
    {
      title: "LABELS",
      text: ({ labels }) =>
        Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(" ") || "-",
    },
    { title: "VERSION", text: (worker) => worker.version, dropRank: 2 },
    { title: "ID", text: (worker) => worker.id, dropRank: 1, whole: true },
  ];
}
