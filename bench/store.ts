// What the log on disk costs and gives. First one task's way through a worker, from the bytes of the container to a live
// viewer, with the log on disk and without it, in one process, so that nothing but the log differs. Then a viewer that
// reads 1 000 000 lines out of the store, as it lies there while the task runs and sealed. No engine is needed.
//
// "Without" leaves out LogPublisher and SegmentLog and publishes to the same broadcaster; there is no such setting.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stampNow } from "../src/core/base/clock.ts";
import { LineSplitter } from "../src/core/log/line-splitter.ts";
import { SegmentLog } from "../src/core/log/segments/segment-log.ts";
import { TaskLogBroadcaster } from "../src/core/log/task-log-broadcaster.ts";
import { LogPublisher } from "../src/core/worker/logs/log-publisher.ts";
import { machine, median, sideBySide } from "./side-by-side.ts";

const lines = Number(process.env["LINES"] ?? 1_000_000);
const rounds = Number(process.env["ROUNDS"] ?? 5);
const lineBytes = 103; // newline included
/** What one read of an attached container gives; at the speed of an engine it comes each so many microseconds. */
const chunkBytes = 32 * 1024;
/** Lines a second that an engine gives at most; see the measurements of attach. */
const engineLinesPerSecond = 600_000;

const chunk = Buffer.from(
  `${"x".repeat(lineBytes - 1)}\n`.repeat(Math.ceil(chunkBytes / lineBytes)),
).subarray(0, chunkBytes);

const dir = await mkdtemp(join(tmpdir(), "tasklog-bench-"));
let logs = 0;

/** Seconds from the first byte to the viewer's last line. `paced`: no faster than an engine. */
async function task(withLog: boolean, paced: boolean): Promise<number> {
  const log = withLog ? await SegmentLog.open(join(dir, `log-${logs++}`)) : undefined;
  const broadcaster = new TaskLogBroadcaster({
    taskId: "task",
    ringLinesMax: 2 * lines, // without a log nobody could read what the ring has not
    ringBytesMax: 2 * lines * lineBytes,
    ...(log && { history: log, epoch: log.epoch }),
  });
  const publisher = log && new LogPublisher(log, broadcaster, () => {});
  const viewing = count(broadcaster);
  const splitter = new LineSplitter({ tty: false });
  const startedMs = performance.now();
  const chunks = Math.ceil((lines * lineBytes) / chunkBytes);
  for (let n = 0; n < chunks; n++) {
    splitter.push("stdout", chunk, stampNow());
    const batch = splitter.take();
    if (batch !== undefined) {
      if (publisher) publisher.add(batch);
      else broadcaster.publish(batch);
    }
    if (log) await log.drain();
    const dueMs = paced ? (n * chunkBytes * 1000) / lineBytes / engineLinesPerSecond : 0;
    while (paced && performance.now() - startedMs < dueMs) await Bun.sleep(0);
    if (!paced) await new Promise(setImmediate);
  }
  await publisher?.settled();
  broadcaster.complete({
    ...{ status: "success", signal: "", reason: "", message: "", checksum: "" },
    ...{
      lastSeq: broadcaster.nextSeq - 1,
      lines: broadcaster.nextSeq - 1,
      bytes: 0,
      startedMs: 0,
      finishedMs: 0,
    },
  });
  await viewing;
  const seconds = (performance.now() - startedMs) / 1000;
  await log?.close();
  if (log) await rm(log.dir, { recursive: true });
  return seconds;
}

async function count(broadcaster: TaskLogBroadcaster): Promise<number> {
  let seen = 0;
  const options = { from: { all: true }, follow: true, signal: new AbortController().signal } as const;
  for await (const item of broadcaster.subscribe(options))
    if (item.kind === "batch") seen += item.batch.count;
  return seen;
}

/** Seconds a viewer takes for all lines of the store. */
async function readAll(log: SegmentLog): Promise<number> {
  const broadcaster = new TaskLogBroadcaster({ taskId: "task", history: log, firstSeq: log.nextSeq });
  const startedMs = performance.now();
  let seen = 0;
  const options = { from: { all: true }, follow: false, signal: new AbortController().signal } as const;
  for await (const item of broadcaster.subscribe(options))
    if (item.kind === "batch") seen += item.batch.count;
  if (seen !== log.nextSeq - 1) throw new Error(`${seen} of ${log.nextSeq - 1} lines came`);
  return (performance.now() - startedMs) / 1000;
}

/** `everyLine`: a stamp for each line, as when lines come one by one; else one for each chunk. */
async function filled(everyLine: boolean): Promise<SegmentLog> {
  const log = await SegmentLog.open(join(dir, `stored-${everyLine}`));
  const splitter = new LineSplitter({ tty: false });
  const line = chunk.subarray(0, lineBytes);
  while (log.nextSeq <= lines) {
    for (let n = 0; n < 300; n++) {
      if (everyLine) splitter.push("stdout", line, { seconds: 1_795_000_000, nanos: n * 1000 });
      else splitter.push("stdout", line, { seconds: 1_795_000_000, nanos: 0 });
    }
    const batch = splitter.take();
    if (batch !== undefined) log.append(batch.numbered(log.nextSeq));
    await log.drain();
  }
  await log.flush();
  return log;
}

const show = (name: string, seconds: number[]): number => {
  const rate = lines / median(seconds) / 1000;
  const all = seconds.map((one) => one.toFixed(2)).join(" ");
  console.log(
    `  ${name.padEnd(34)} ${median(seconds).toFixed(2)} s  ${rate.toFixed(0).padStart(6)} k lines/s  (${all})`,
  );
  return rate;
};

try {
  console.log(`${await machine()}; ${lines} lines x ${lineBytes} bytes, ${rounds} rounds, median (all)`);
  for (const paced of [true, false]) {
    console.log(
      paced
        ? `bytes come at ${engineLinesPerSecond / 1000} k lines/s, as from an engine:`
        : "bytes come as fast as they are taken:",
    );
    const results = await sideBySide(
      { "without a log": () => task(false, paced), "with the log on disk": () => task(true, paced) },
      rounds,
    );
    const [without = 0, withLog = 0] = Object.entries(results).map(([name, seconds]) => show(name, seconds));
    console.log(`  with it: ${(withLog / without).toFixed(2)} x`);
  }
  console.log("a viewer reads the store:");
  for (const everyLine of [false, true]) {
    const what = everyLine ? "a stamp for each line" : "lines that came at once";
    const log = await filled(everyLine);
    const read = async (): Promise<number[]> => {
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round++) seconds.push(await readAll(log));
      return seconds;
    };
    show(`text, ${what}`, await read());
    await log.seal();
    show(`sealed, ${what}`, await read());
    await log.close();
  }
} finally {
  await rm(dir, { recursive: true });
}
