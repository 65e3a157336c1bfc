// Memory while a big log is read: its lines are written by one process, and read from the first to the last, as any
// viewer of a worker reads them, by a fresh one, whose greatest RSS is told; next to it the same with a log that is a
// hundredth of the size. GB=10 bun bench/big-log.ts; the folder is made under the system's folder for temporary files.
// Linux only (VmHWM of /proc).
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineBatchBuilder } from "../src/core/log/line-batch.ts";
import { SegmentLog } from "../src/core/log/segments/segment-log.ts";
import { TaskLogBroadcaster } from "../src/core/log/task-log-broadcaster.ts";
import { machine } from "./side-by-side.ts";

const gigabytes = Number(process.env["GB"] ?? 10);
const lineBytes = 120; // newline included
const batchLines = 640;

async function write(dir: string, bytes: number): Promise<void> {
  await using log = await SegmentLog.open(dir);
  const text = new TextEncoder().encode("x".repeat(lineBytes - 1));
  for (let n = 0; log.bytes < bytes; n++) {
    const builder = new LineBatchBuilder();
    for (let line = 0; line < batchLines; line++) {
      builder.add(text, 0, text.length, { seconds: 1_795_000_000 + n, nanos: line * 1000 }, 0);
    }
    log.append(builder.build(log.nextSeq));
    await log.drain();
  }
  await log.flush();
}

async function read(dir: string): Promise<void> {
  await using log = await SegmentLog.open(dir);
  const broadcaster = new TaskLogBroadcaster({ taskId: "task", history: log, firstSeq: log.nextSeq });
  const options = { from: { all: true }, follow: false, signal: new AbortController().signal } as const;
  const startedMs = performance.now();
  let lines = 0;
  for await (const item of broadcaster.subscribe(options)) {
    if (item.kind === "batch") lines += item.batch.count;
  }
  if (lines !== log.nextSeq - 1) throw new Error(`${lines} of ${log.nextSeq - 1} lines came`);
  const seconds = (performance.now() - startedMs) / 1000;
  const status = await readFile("/proc/self/status", "utf8");
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  const size = `${(log.bytes / 1e9).toFixed(2)} GB, ${(lines / 1e6).toFixed(1)} M lines`;
  console.log(
    `  ${size}: greatest RSS ${peak.toFixed(0)} MiB, ${seconds.toFixed(1)} s, ${(lines / seconds / 1e6).toFixed(1)} M lines/s`,
  );
}

async function alone(what: string, dir: string, bytes: number): Promise<void> {
  const child = Bun.spawn([process.execPath, import.meta.path, what, dir, String(bytes)], {
    stdout: "inherit",
    stderr: "inherit",
  });
  if ((await child.exited) !== 0) throw new Error(`${what} failed`);
}

const [what, folder = "", bytes = "0"] = process.argv.slice(2);
if (what === "write") await write(folder, Number(bytes));
else if (what === "read") await read(folder);
else {
  const dir = await mkdtemp(join(tmpdir(), "tasklog-bench-"));
  try {
    console.log(`${await machine()}; lines of ${lineBytes} bytes, read from the first to the last:`);
    for (const share of [0.01, 1]) {
      const log = join(dir, `log-${share}`);
      await alone("write", log, gigabytes * share * 1e9);
      await alone("read", log, 0);
    }
  } finally {
    await rm(dir, { recursive: true });
  }
}
