// `tasklog store`: the logs in a worker's data folder, without a master and whether or not the worker runs.
import { formatBytes } from "../core/base/bytes.ts";
import { TasklogError } from "../core/base/errors.ts";
import type { VerifyReport } from "../core/log/segments/verify.ts";
import type { LogSize, StoredLogs } from "../core/worker/logs/stored-logs.ts";
import { stylesOf } from "./client.ts";
import { loadSettings } from "./config/settings.ts";
import { commonFlags, dataDirFlag } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import type { Session } from "./framework/session.ts";
import type { Style } from "./output/style.ts";
import { type Column, formatTable } from "./output/table.ts";

const failedExitCode = 1;

interface Checked extends VerifyReport {
  readonly taskId: string;
}

export default defineCommand({
  meta: {
    name: "store",
    description: "Lists or verifies the logs in the data folder of a worker on this host.",
  },
  args: {
    ACTION: { type: "positional", required: true, description: "ls or verify" },
    ...dataDirFlag,
    json: { type: "boolean", description: "print NDJSON, one log a line" },
    ...commonFlags,
  },
  examples: [
    { command: "tasklog store verify", what: "check that every line is as it was written" },
    { command: "tasklog store ls --data-dir /srv/tasklog", what: "how much space each log uses" },
  ],
  notes: [
    "verify reads every byte: each line, each compressed frame and each index with its checksums. While the worker runs, " +
      "the newest lines of running tasks are checked as far as they are on disk.",
    "Exit codes: 0 all is well; 1 something is wrong; 125 there are no logs, or they cannot be read; 2 usage.",
  ],
  run: async ({ args, session }) => {
    const action = args.ACTION;
    if (action !== "ls" && action !== "verify")
      throw new TasklogError("usage", `"store" takes ls or verify, not "${action}"`);
    const settings = loadSettings(session.env, args);
    const style = stylesOf(settings, session);
    const { openStoredLogs } = await import("../core/worker/logs/stored-logs.ts");
    await using stored = await openStoredLogs(settings["data-dir"].value);
    const show = async <Row>(rows: Row[], columns: Column<Row>[]): Promise<void> => {
      const text = args.json
        ? rows.map((row) => `${JSON.stringify(row)}\n`).join("")
        : formatTable(rows, columns, { width: session.out.columns, title: style.out.bold });
      if (rows.length > 0) await session.out.write(text);
      else await session.err.write(`no logs in ${stored.dataDir}\n`);
    };
    if (action === "ls") {
      const rows = await sizes(stored);
      await show(rows, sizeColumns);
      const total = formatBytes(rows.reduce((sum, { bytes }) => sum + bytes, 0));
      if (rows.length > 0)
        await session.err.write(
          style.err.dim(`${rows.length === 1 ? "1 log" : `${rows.length} logs`}, ${total}\n`),
        );
      return 0;
    }
    const reports = await verifyAll(stored, session);
    if (session.signal.aborted) return Number(session.signal.reason);
    await show(reports, verifyColumns(style.out));
    for (const { taskId, problems } of reports) {
      for (const { file, message } of problems)
        await session.err.write(`${taskId}: ${file === "" ? "" : `${file} `}${message}\n`);
    }
    for (const sentence of stored.damage) await session.err.write(`${sentence}\n`);
    if (stored.isInUse) {
      const note = "the worker runs: what it was writing was checked as far as it was on disk";
      await session.err.write(style.err.dim(`tasklog: ${note}\n`));
    }
    const isSound = stored.damage.length === 0 && reports.every(({ problems }) => problems.length === 0);
    return isSound ? 0 : failedExitCode;
  },
});

async function sizes({ logs }: StoredLogs): Promise<LogSize[]> {
  const { sizeOf } = await import("../core/worker/logs/stored-logs.ts");
  const rows = [];
  for (const log of logs) rows.push(await sizeOf(log));
  return rows.sort((a, b) => b.bytes - a.bytes);
}

async function verifyAll(stored: StoredLogs, { signal }: Session): Promise<Checked[]> {
  const { verifyStored } = await import("../core/worker/logs/stored-logs.ts");
  const reports: Checked[] = [];
  for (const log of stored.logs) {
    if (signal.aborted) break;
    reports.push({ taskId: log.taskId, ...(await verifyStored(stored, log)) });
  }
  return reports;
}

const sizeColumns: Column<LogSize>[] = [
  { title: "TASK", text: ({ taskId }) => taskId, whole: true },
  { title: "SIZE", text: ({ bytes }) => formatBytes(bytes), align: "right" },
  { title: "FILES", text: ({ segments }) => String(segments), align: "right" },
  { title: "COMPRESSED", text: ({ sealed }) => String(sealed), align: "right" },
];

function verifyColumns(style: Style): Column<Checked>[] {
  const isSound = ({ problems }: Checked): boolean => problems.length === 0;
  return [
    { title: "TASK", text: ({ taskId }) => taskId, whole: true },
    {
      title: "RESULT",
      text: (report) => (isSound(report) ? "ok" : `${report.problems.length} wrong`),
      style: (text, report) => (isSound(report) ? style.green(text) : style.red(text)),
    },
    { title: "LINES", text: ({ lines }) => String(lines), align: "right" },
    { title: "REMOVED", text: ({ firstSeq }) => String(firstSeq - 1), align: "right", dropRank: 2 },
    { title: "MISSING", text: ({ missing }) => String(missing), align: "right" },
    { title: "FILES", text: ({ segments }) => String(segments), align: "right", dropRank: 3 },
    { title: "SIZE", text: ({ diskBytes }) => formatBytes(diskBytes), align: "right" },
    { title: "CHECKSUM", text: ({ checksum }) => checksum || "-", dropRank: 1 },
  ];
}
