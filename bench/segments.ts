// The log on disk, side by side with a plain file: lines a second of appending and of reading 1 000 000 lines of 100 bytes,
// as text and sealed. Usage: bun bench/segments.ts [lines]. The folder is made under the system's folder for temporary files.
import { mkdtemp, open, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { LineBatch, LineBatchBuilder } from "../src/core/log/line-batch.ts";
import { SegmentLog } from "../src/core/log/segments/segment-log.ts";

const linesCount = Number(process.argv[2] ?? 1_000_000);
const batchLines = 640;
const readBytes = 1024 * 1024;

function makeBatch(spread: boolean): LineBatch {
  const builder = new LineBatchBuilder();
  const text = new TextEncoder().encode("x".repeat(99));
  for (let index = 0; index < batchLines; index++) {
    const nanos = spread ? index * 1000 : 417_678_314;
    builder.add(text, 0, text.length, { seconds: 1_795_420_313, nanos }, 0);
  }
  return builder.build(1);
}

async function measure(name: string, lines: number, work: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (lines / ms / 1000).toFixed(2);
  const cpuRate = (lines / (user + system)).toFixed(2);
  console.log(`${name.padEnd(44)} ${rate.padStart(7)} M lines/s ${cpuRate.padStart(7)} M lines per CPU s`);
}

async function readAll(log: SegmentLog, bytesMax: number): Promise<void> {
  let lines = 0;
  for (let seq = 1; seq < log.nextSeq; ) {
    const item = await log.read(seq, bytesMax);
    if (!(item instanceof LineBatch)) throw new Error(item.reason);
    lines += item.count;
    seq += item.count;
  }
  if (lines !== log.nextSeq - 1) throw new Error(`${lines} lines read of ${log.nextSeq - 1}`);
}

async function appendAll(log: SegmentLog, batch: LineBatch): Promise<void> {
  for (let done = 0; done < linesCount; done += batch.count) {
    log.append(batch.numbered(log.nextSeq));
    await log.drain();
  }
  await log.written();
}

const dir = await mkdtemp(join(tmpdir(), "tasklog-bench-"));
console.log(
  `${linesCount} lines of 100 bytes, ${cpus().length} × ${cpus()[0]?.model}, Bun ${Bun.version}, ${dir}`,
);
try {
  for (const round of [1, 2]) {
    const batch = makeBatch(false);
    const plain = Buffer.alloc(batch.count * 140, "x");
    await measure(`plain file, the same bytes (${round})`, linesCount, async () => {
      const file = await open(join(dir, `plain-${round}`), "w");
      for (let done = 0; done < linesCount; done += batch.count) await file.write(plain);
      await file.close();
    });
    const log = await SegmentLog.open(join(dir, `log-${round}`));
    await measure(`append, one stamp a batch (${round})`, linesCount, () => appendAll(log, batch));
    const spread = await SegmentLog.open(join(dir, `spread-${round}`));
    await measure(`append, every line its own stamp (${round})`, linesCount, () =>
      appendAll(spread, makeBatch(true)),
    );
    await measure(`read, 1 MiB at once (${round})`, linesCount, () => readAll(log, readBytes));
    await measure(`read, 64 KiB at once (${round})`, linesCount, () => readAll(log, 65_536));
    await measure(`read, every line its own stamp (${round})`, linesCount, () => readAll(spread, readBytes));
    await measure(`seal (${round})`, linesCount, () => spread.seal());
    await measure(`read sealed, 1 MiB at once (${round})`, linesCount, () => readAll(spread, readBytes));
    await log.close();
    await measure(`open (${round})`, linesCount, async () => (await SegmentLog.open(log.dir)).close());
  }
} finally {
  await rm(dir, { recursive: true });
}
