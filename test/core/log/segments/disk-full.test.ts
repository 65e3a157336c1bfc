// A disk that is really full: a small tmpfs, which needs root on Linux; skipped elsewhere.
import { expect, test } from "bun:test";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LineBatch } from "../../../../src/core/log/line-batch.ts";
import type { LogGap } from "../../../../src/core/log/log-item.ts";
import { SegmentLog } from "../../../../src/core/log/segments/segment-log.ts";
import { verifyLog } from "../../../../src/core/log/segments/verify.ts";
import { Random } from "../../../helpers/random.ts";
import { fromBatch, randomLines, type TestLine, toBatch } from "./lines.ts";

const root = await mkdtemp(join(tmpdir(), "tasklog-full-"));
const run = (...command: string[]) => Bun.spawnSync(command, { stderr: "ignore" }).exitCode === 0;
const canMount =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  run("mount", "-t", "tmpfs", "-o", "size=1m", "tasklog-test", root) &&
  run("umount", root);
if (!canMount) await rm(root, { recursive: true });

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Everything that can be read, and the gaps. Fails where a line is not the one that was appended. */
async function readAll(log: SegmentLog, lines: TestLine[]): Promise<LogGap[]> {
  const gaps: LogGap[] = [];
  for (let seq = 1; seq < log.nextSeq; ) {
    const item = await log.read(seq, 50_000);
    if (item instanceof LineBatch) {
      expect(fromBatch(item)).toEqual(lines.slice(seq - 1, seq - 1 + item.count));
      seq += item.count;
    } else {
      expect(item.fromSeq).toBe(seq);
      gaps.push(item);
      seq = item.toSeq + 1;
    }
  }
  return gaps;
}

test.skipIf(!canMount)(
  "disk full - the caller is not held up, the gap is true and stays, writing resumes by itself",
  async () => {
    expect(run("mount", "-t", "tmpfs", "-o", "size=1m", "tasklog-test", root)).toBe(true);
    try {
      const dir = join(root, "log");
      await mkdir(dir);
      const heard: string[] = [];
      let told: LogGap | undefined;
      const options = {
        unwrittenBytesMax: 100_000,
        segmentBytesMax: 200_000,
        retryMinMs: 5,
        retryMaxMs: 20,
        onTrouble: (message: string) => heard.push(message),
        onRecovered: (gap: LogGap | undefined) => {
          told = gap;
          heard.push("recovered");
        },
      };
      const log = await SegmentLog.open(dir, options);
      const ballast = await open(join(root, "ballast"), "w");
      const random = new Random(11);
      const lines: TestLine[] = [];
      const append = async (count: number) => {
        const more = randomLines(random, count);
        log.append(toBatch(more, log.nextSeq));
        lines.push(...more);
        await log.drain();
      };
      await append(1000);
      await log.flush();
      // 600 KiB of ballast: the log fills the rest.
      await ballast.write(Buffer.alloc(600 * 1024));
      while (heard.length === 0) await append(100);
      expect(heard[0]).toContain("ENOSPC");
      for (let more = 0; more < 40; more++) await append(100);
      expect(log.unwrittenBytes).toBeLessThan(200_000);
      expect(log.nextSeq).toBe(lines.length + 1);
      expect(log.flush()).rejects.toThrow("cannot be written");

      const during = await readAll(log, lines);
      expect(during).toHaveLength(1);
      expect(during[0]).toMatchObject({ toSeq: lines.length, reason: "the disk could not be written" });

      await ballast.truncate(0);
      await until(() => heard.length === 2);
      expect(told).toEqual(during[0] as LogGap);
      await append(500);
      await log.flush();
      expect(await readAll(log, lines)).toEqual(during);
      const { nextSeq, taken, checksum } = log;
      await log.close();

      await using again = await SegmentLog.open(dir, options);
      expect([again.nextSeq, again.taken, again.checksum]).toEqual([nextSeq, taken, checksum]);
      expect(await readAll(again, lines)).toEqual(during);
      expect(await verifyLog(dir)).toMatchObject({ problems: [], missing: during[0]?.count, checksum });
      await ballast.close();

      // Closed while the disk is full: nothing hangs, nothing is invented.
      await Bun.write(join(root, "ballast"), Buffer.alloc(400 * 1024)).catch(() => {});
      const more = randomLines(random, 8000);
      for (let at = 0; at < more.length; at += 100)
        again.append(toBatch(more.slice(at, at + 100), again.nextSeq));
      lines.push(...more);
      await again.close();
      expect((await readAll(again, lines)).length).toBeGreaterThan(1);
      await rm(join(root, "ballast"));
      await using last = await SegmentLog.open(dir, options);
      await readAll(last, lines);
      expect((await last.removeBefore(last.nextSeq)).segments).toBeGreaterThan(0);
    } finally {
      run("umount", "-l", root);
      await rm(root, { recursive: true });
    }
  },
);
