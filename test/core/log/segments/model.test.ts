// Random histories of a log on disk against a plain array: append, roll, reopen, crash at any byte, seal, retention, gaps,
// read at any number. TASKLOG_LONG=1 runs thousands of a new seed; TASKLOG_TEST_SEED=n begins at one.
import { expect, test } from "bun:test";
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogChecksum } from "../../../../src/core/log/checksum.ts";
import { LineBatch, stderrFlag } from "../../../../src/core/log/line-batch.ts";
import { listSegmentFiles, segmentPath } from "../../../../src/core/log/segments/segment-files.ts";
import { SegmentLog } from "../../../../src/core/log/segments/segment-log.ts";
import { longSeed, type Random, testSeed, withRandom } from "../../../helpers/random.ts";
import { fromBatch, randomLines, type TestLine, toBatch } from "./lines.ts";

const historiesCount = process.env["TASKLOG_LONG"] ? 5000 : 200;
const firstSeed = process.env["TASKLOG_LONG"] ? longSeed : testSeed;

/** What the log should be: each number's line, or undefined where a gap stands. */
class Model {
  /** All that was counted; [0] is line 1. */
  counted: (TestLine | undefined)[] = [];
  /** Numbers that cannot be read any more. */
  gone = new Set<number>();
  firstSeq = 1;

  get nextSeq(): number {
    return this.counted.length + 1;
  }

  isThere(seq: number): boolean {
    return seq >= this.firstSeq && !this.gone.has(seq) && this.counted[seq - 1] !== undefined;
  }
}

async function history(random: Random): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "tasklog-model-"));
  const model = new Model();
  const troubles: string[] = [];
  let dir = join(root, "0");
  const options = () => ({
    segmentBytesMax: random.pick([500, 5000, 60_000]),
    indexEveryBytes: random.pick([100, 1000, 10_000]),
    fsync: "never" as const,
    onTrouble: (message: string) => troubles.push(message),
  });
  let log = await SegmentLog.open(dir, options());
  const epoch = log.epoch;
  try {
    const steps = random.between(3, 25);
    for (let step = 0; step < steps; step++) {
      const dice = random.between(1, 100);
      if (dice <= 45) {
        const lines = randomLines(random, random.pick([1, 3, 20, 200, 900]));
        log.append(toBatch(lines, log.nextSeq));
        model.counted.push(...lines);
      } else if (dice <= 50) {
        const count = random.between(1, 20);
        log.appendGap(log.nextSeq + count - 1, "the engine lost them", count);
        for (let index = 0; index < count; index++) model.counted.push(undefined);
      } else if (dice <= 55) await log.flush();
      else if (dice <= 63) {
        await log.close();
        log = await SegmentLog.open(dir, options());
      } else if (dice <= 75) {
        await log.flush();
        const crashed = join(root, String(step + 1));
        await cp(dir, crashed, { recursive: true });
        await crash(random, crashed, model);
        await log.close();
        dir = crashed;
        log = await SegmentLog.open(dir, options());
      } else if (dice <= 81) await log.seal();
      else if (dice <= 86) {
        const wasSealed = log.isSealed;
        const wasNewest = model.isThere(model.nextSeq - 1);
        await (random.chance(0.5)
          ? log.removeBefore(random.between(1, model.nextSeq))
          : log.enforce({ bytesMax: random.between(0, 100_000) }));
        expect(log.firstSeq).toBeGreaterThanOrEqual(model.firstSeq);
        model.firstSeq = log.firstSeq;
        if (wasNewest && !wasSealed) expect(model.isThere(model.nextSeq - 1)).toBe(true);
      } else await checkReads(random, log, model, 5);
      expect(log.nextSeq).toBe(model.nextSeq);
      expect(log.epoch).toBe(epoch);
      expect(troubles).toEqual([]);
    }
    await checkReads(random, log, model, 10);
    await checkAll(log, model);
    await checkTallies(log, model);
    await log.close();
    log = await SegmentLog.open(dir);
    await checkAll(log, model);
    await checkTallies(log, model);
  } finally {
    await log.close();
    await rm(root, { recursive: true });
  }
}

/** Cuts the last text at any byte and harms some of the indexes; tells the model which lines that costs. */
async function crash(random: Random, dir: string, model: Model): Promise<void> {
  const files = await listSegmentFiles(dir);
  const last = files.at(-1);
  if (last && !last.sealed) {
    const path = segmentPath(dir, last);
    const text = await readFile(path);
    const bytes = random.chance(0.2)
      ? text.length
      : random.between(Math.max(0, text.length - random.pick([1, 50, 1e6])), text.length);
    await truncate(path, bytes);
    const count = (part: Buffer) => part.filter((byte) => byte === 10).length;
    const kept = last.firstSeq + count(text.subarray(0, bytes));
    const end = last.firstSeq + count(text);
    if (end === model.nextSeq) model.counted.length = kept - 1;
    else for (let seq = kept; seq < end; seq++) model.gone.add(seq); // a gap behind it is known
  }
  for (const name of await readdir(dir)) {
    if (!name.endsWith(".idx") || random.chance(0.5)) continue;
    const path = join(dir, name);
    const index = await readFile(path);
    const dice = random.between(1, 4);
    if (dice === 1) await rm(path);
    else if (dice === 2) await truncate(path, random.between(0, index.length));
    else if (dice === 3) await writeFile(path, Buffer.concat([index, Buffer.from("rubbish")]));
    else if (index.length > 0) {
      const at = random.between(0, index.length - 1);
      index[at] = (index[at] as number) ^ 0x10;
      await writeFile(path, index);
    }
  }
}

async function checkRead(log: SegmentLog, model: Model, seq: number, bytesMax: number): Promise<number> {
  const item = await log.read(seq, bytesMax);
  if (item instanceof LineBatch) {
    expect(item.firstSeq).toBe(seq);
    expect(item.count).toBeGreaterThan(0);
    if (item.count > 1) expect(item.bytes).toBeLessThanOrEqual(bytesMax);
    expect(fromBatch(item)).toEqual(model.counted.slice(seq - 1, seq - 1 + item.count) as TestLine[]);
    return seq + item.count;
  }
  expect(item.fromSeq).toBe(seq);
  expect(item.toSeq).toBeGreaterThanOrEqual(seq);
  expect(item.toSeq).toBeLessThan(model.nextSeq);
  for (let gone = seq; gone <= item.toSeq; gone++) expect(model.isThere(gone)).toBe(false);
  return item.toSeq + 1;
}

async function checkReads(random: Random, log: SegmentLog, model: Model, count: number): Promise<void> {
  if (model.nextSeq === 1) return;
  for (let index = 0; index < count; index++) {
    let seq = random.between(1, model.nextSeq - 1);
    const bytesMax = random.pick([1, 100, 3000, 100_000, 1_000_000]);
    for (let more = 0; more < 3 && seq < model.nextSeq; more++)
      seq = await checkRead(log, model, seq, bytesMax);
  }
  const line = model.counted[random.between(0, model.counted.length - 1)];
  if (!line) return;
  const stamp = { seconds: line.seconds, nanos: random.pick([0, line.nanos, line.nanos + 1]) };
  const at = model.counted.findIndex(
    (other, index) =>
      model.isThere(index + 1) &&
      other !== undefined &&
      (other.seconds > stamp.seconds || (other.seconds === stamp.seconds && other.nanos >= stamp.nanos)),
  );
  expect(await log.locate(stamp)).toBe(at === -1 ? model.nextSeq : at + 1);
}

async function checkAll(log: SegmentLog, model: Model): Promise<void> {
  for (let seq = 1; seq < model.nextSeq; ) seq = await checkRead(log, model, seq, 50_000);
}

async function checkTallies(log: SegmentLog, model: Model): Promise<void> {
  const lines = model.counted.filter((line) => line !== undefined);
  const stderr = lines.filter((line) => (line.flags & stderrFlag) !== 0).length;
  expect(log.taken).toEqual({ stdout: lines.length - stderr, stderr });
  const checksum = new LogChecksum();
  const batch = toBatch(lines, 1);
  checksum.add(batch);
  expect(log.checksum).toBe(checksum.toString());
  expect(log.bytes).toBe(lines.length > 0 ? batch.bytes : 0);
  const last = lines.at(-1);
  expect(log.lastStamp).toEqual(last && { seconds: last.seconds, nanos: last.nanos });
}

test(
  `a log on disk is the array it was made from, over ${historiesCount} random histories`,
  async () => {
    for (let index = 0; index < historiesCount; index++) await withRandom(history, firstSeed + index);
  },
  { timeout: 3_600_000 },
);
