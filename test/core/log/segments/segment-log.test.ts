import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LogChecksum } from "../../../../src/core/log/checksum.ts";
import { LineBatch } from "../../../../src/core/log/line-batch.ts";
import { SegmentLog, type SegmentLogOptions } from "../../../../src/core/log/segments/segment-log.ts";
import { verifyLog } from "../../../../src/core/log/segments/verify.ts";
import { Random } from "../../../helpers/random.ts";
import { fromBatch, randomLines, type TestLine, toBatch } from "./lines.ts";

let root = "";
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tasklog-segments-"));
});
afterAll(() => rm(root, { recursive: true }));

const newDir = () => join(root, String(count++));

async function writeLog(dir: string, lines: TestLine[], options: SegmentLogOptions = {}): Promise<void> {
  await using log = await SegmentLog.open(dir, options);
  for (let at = 0; at < lines.length; at += 100) log.append(toBatch(lines.slice(at, at + 100), log.nextSeq));
}

async function readLog(log: SegmentLog): Promise<TestLine[]> {
  const lines: TestLine[] = [];
  for (let seq = log.firstSeq; seq < log.nextSeq; ) {
    const item = await log.read(seq, 10_000);
    if (!(item instanceof LineBatch)) throw new Error(`${item.fromSeq}-${item.toSeq}: ${item.reason}`);
    lines.push(...fromBatch(item));
    seq += item.count;
  }
  return lines;
}

const lines = randomLines(new Random(7), 1000);

describe("a log on disk", () => {
  test("lines are read before they are written, and after", async () => {
    await using log = await SegmentLog.open(newDir());
    log.append(toBatch(lines, 1));
    expect(log.unwrittenBytes).toBeGreaterThan(0);
    expect(await readLog(log)).toEqual(lines);
    await log.flush();
    expect(log.unwrittenBytes).toBe(0);
    expect(await readLog(log)).toEqual(lines);
  });

  test("a batch that does not follow is refused, as is a line that is not there yet", async () => {
    await using log = await SegmentLog.open(newDir());
    expect(() => log.append(toBatch(lines, 2))).toThrow("1 is next");
    expect(log.read(1, 1000)).rejects.toThrow("there is no line 1");
    await log.close();
    expect(() => log.append(toBatch(lines, 1))).toThrow("is closed");
  });

  test("the text is the CRI format, and the folder holds nothing else that is large", async () => {
    const dir = newDir();
    const line = { seconds: 1_795_420_313, nanos: 417_678_314, flags: 0, text: "text" };
    await writeLog(dir, [line, { ...line, flags: 1 }]);
    expect(await readFile(join(dir, "00000000000000000001.log"), "utf8")).toBe(
      "2026-11-23T07:51:53.417678314Z stdout F text\n2026-11-23T07:51:53.417678314Z stderr F text\n",
    );
    expect((await readdir(dir)).sort()).toEqual([
      "00000000000000000001.idx",
      "00000000000000000001.log",
      "log.json",
    ]);
  });

  test("a tail torn at any byte is cut off, and the log goes on behind the last whole line", async () => {
    const dir = newDir();
    const few = randomLines(new Random(3), 6);
    await writeLog(dir, few);
    const text = await readFile(join(dir, "00000000000000000001.log"));
    for (let bytes = 0; bytes <= text.length; bytes++) {
      const torn = newDir();
      await cp(dir, torn, { recursive: true });
      await truncate(join(torn, "00000000000000000001.log"), bytes);
      const whole = text.subarray(0, bytes).filter((byte) => byte === 10).length;
      await using log = await SegmentLog.open(torn);
      expect(log.nextSeq).toBe(whole + 1);
      log.append(toBatch(few, whole + 1));
      expect(await readLog(log)).toEqual([...few.slice(0, whole), ...few]);
    }
  });

  test("zeros and rubbish at the end of the text are cut off", async () => {
    for (const tail of [Buffer.alloc(5000), Buffer.from("rubbish\nmore rubbish\n"), Buffer.from("\n\n")]) {
      const dir = newDir();
      await writeLog(dir, lines);
      await writeFile(join(dir, "00000000000000000001.log"), tail, { flag: "a" });
      await using log = await SegmentLog.open(dir);
      expect(log.nextSeq).toBe(lines.length + 1);
      expect(await readLog(log)).toEqual(lines);
    }
  });

  test("a line damaged in the middle is a gap of one, and all others keep their numbers", async () => {
    const dir = newDir();
    await writeLog(dir, lines);
    const path = join(dir, "00000000000000000001.log");
    const text = await readFile(path);
    const at = text.indexOf("\n", 20_000) + 1;
    text[at + 5] = 0x78;
    await writeFile(path, text);
    const seq = text.subarray(0, at).filter((byte) => byte === 10).length + 1;
    for (const hasIndex of [true, false]) {
      if (!hasIndex) await rm(join(dir, "00000000000000000001.idx"));
      await using log = await SegmentLog.open(dir);
      expect(log.nextSeq).toBe(lines.length + 1);
      expect(await log.read(seq, 1e6)).toEqual({
        fromSeq: seq,
        toSeq: seq,
        count: 1,
        reason: "damaged on disk",
      });
      const next = (await log.read(seq + 1, 1)) as LineBatch;
      expect(fromBatch(next)).toEqual(lines.slice(seq, seq + 1));
    }
    const report = await verifyLog(dir);
    expect(report.problems[0]?.message).toContain(`line ${seq}`);
  });

  test("an index that is missing, torn, or of another text is worked out again", async () => {
    const dir = newDir();
    const options = { segmentBytesMax: 20_000, indexEveryBytes: 500 };
    await writeLog(dir, lines, options);
    const other = newDir();
    await writeLog(other, randomLines(new Random(8), 1000), options);
    const names = (await readdir(dir)).filter((name) => name.endsWith(".idx")).sort();
    expect(names.length).toBeGreaterThan(3);
    const harms: ((path: string) => Promise<void>)[] = [
      (path) => rm(path),
      (path) => truncate(path, 200),
      (path) => writeFile(path, "rubbish"),
      async (path) => writeFile(path, await readFile(join(other, names[0] as string))),
    ];
    for (const harm of harms) {
      const harmed = newDir();
      await cp(dir, harmed, { recursive: true });
      for (const name of names) await harm(join(harmed, name));
      await using log = await SegmentLog.open(harmed, options);
      expect(log.nextSeq).toBe(lines.length + 1);
      for (const seq of [1, 77, 500, 501, 999, 1000]) {
        const batch = (await log.read(seq, 100)) as LineBatch;
        expect(fromBatch(batch)).toEqual(lines.slice(seq - 1, seq - 1 + batch.count));
      }
    }
  });

  test("a sealed log is what zstdcat prints, reads at any line, and finds its frames without an index", async () => {
    const dir = newDir();
    const many = randomLines(new Random(9), 20_000);
    await writeLog(dir, many, { segmentBytesMax: 1e6 });
    const names = (await readdir(dir)).filter((name) => name.endsWith(".log")).sort();
    const text = Buffer.concat(await Promise.all(names.map((name) => readFile(join(dir, name)))));
    await using log = await SegmentLog.open(dir);
    const { checksum, taken, lastStamp } = log;
    await log.seal();
    expect(log.isSealed).toBe(true);
    expect((await readdir(dir)).some((name) => name.endsWith(".log"))).toBe(false);
    expect(await readLog(log)).toEqual(many);
    if (Bun.which("zstdcat")) {
      const sealed = (await readdir(dir)).filter((name) => name.endsWith(".zst")).sort();
      const { stdout } = Bun.spawnSync(["zstdcat", ...sealed.map((name) => join(dir, name))]);
      expect(stdout.equals(text)).toBe(true);
    }
    for (const name of await readdir(dir)) if (name.endsWith(".idx")) await rm(join(dir, name));
    await using again = await SegmentLog.open(dir);
    expect([again.checksum, again.taken, again.lastStamp]).toEqual([checksum, taken, lastStamp]);
    expect(fromBatch((await again.read(15_000, 1)) as LineBatch)).toEqual(many.slice(14_999, 15_000));
    again.append(toBatch(lines, again.nextSeq));
    expect(await readLog(again)).toEqual([...many, ...lines]);
    expect(again.isSealed).toBe(false);
  });

  test("the checksum is the same however the lines are batched, and follows the log over a restart", async () => {
    const dir = newDir();
    await writeLog(dir, lines.slice(0, 333));
    await using log = await SegmentLog.open(dir);
    log.append(toBatch(lines.slice(333), 334));
    const checksum = new LogChecksum();
    for (const line of lines) checksum.add(toBatch([line], 1));
    expect(log.checksum).toBe(checksum.toString());
    expect(log.checksum).toMatch(/^crc32:[0-9a-f]{8}-[0-9a-f]{8}$/);
  });

  test("retention never takes the newest segment of a running log, and tells what it took", async () => {
    const dir = newDir();
    await writeLog(dir, lines, { segmentBytesMax: 20_000 });
    await using log = await SegmentLog.open(dir);
    const removed = await log.enforce({ olderThanMs: 1000 });
    expect(removed.segments).toBeGreaterThan(2);
    expect(log.firstSeq).toBeGreaterThan(1);
    expect(log.firstSeq).toBeLessThanOrEqual(lines.length);
    const gap = {
      fromSeq: 5,
      toSeq: log.firstSeq - 1,
      count: log.firstSeq - 5,
      reason: "removed by retention",
    };
    expect(await log.read(5, 1e6)).toEqual(gap);
    expect(await readLog(log)).toEqual(lines.slice(log.firstSeq - 1));
    await log.seal();
    await log.enforce({ bytesMax: 0 });
    expect(log.diskBytes).toBe(0);
    await using again = await SegmentLog.open(dir);
    expect([again.firstSeq, again.nextSeq, again.taken]).toEqual([1001, 1001, log.taken]);
  });

  test("a bound in bytes counts the disk, so that empty lines are bound as well", async () => {
    const dir = newDir();
    const empty = lines.slice(0, 1).map((line) => ({ ...line, text: "" }))[0] as TestLine;
    await writeLog(
      dir,
      Array.from({ length: 10_000 }, () => empty),
      { segmentBytesMax: 20_000 },
    );
    await using log = await SegmentLog.open(dir);
    expect(log.diskBytes).toBeGreaterThan(300_000);
    await log.enforce({ bytesMax: 100_000 });
    expect(log.diskBytes).toBeLessThanOrEqual(100_000);
    expect(log.firstSeq).toBeLessThan(log.nextSeq);
  });

  test("a log.json that cannot be understood is told once, and written anew", async () => {
    const dir = newDir();
    await writeLog(dir, lines.slice(0, 3));
    await writeFile(join(dir, "log.json"), '{"version":1,"epoch":"x","gaps":[null]}');
    const told: string[] = [];
    const onDamage = (message: string) => void told.push(message);
    for (let time = 0; time < 2; time++) {
      await using log = await SegmentLog.open(dir, { onDamage });
      expect([log.epoch, log.nextSeq]).toEqual(["x", 4]);
    }
    expect(told).toEqual([
      expect.stringContaining(`log.json in ${dir} has entries that cannot be understood`),
    ]);
  });

  test("another epoch begins where the folder was wiped, and a newer format is refused", async () => {
    const dir = newDir();
    await writeLog(dir, lines);
    const { epoch } = await SegmentLog.open(dir);
    expect((await SegmentLog.open(dir)).epoch).toBe(epoch);
    await rm(dir, { recursive: true });
    expect((await SegmentLog.open(dir)).epoch).not.toBe(epoch);
    await writeFile(join(dir, "log.json"), '{"version":2}');
    expect(SegmentLog.open(dir)).rejects.toThrow("newer tasklog");
  });

  test("verify finds nothing in a sound log and names the file of what is not", async () => {
    const dir = newDir();
    await writeLog(dir, lines, { segmentBytesMax: 20_000, indexEveryBytes: 1000 });
    await using log = await SegmentLog.open(dir, { segmentBytesMax: 20_000 });
    const sound = await verifyLog(dir);
    expect(sound).toMatchObject({
      lines: 1000,
      nextSeq: 1001,
      problems: [],
      notes: [],
      checksum: log.checksum,
    });
    await log.seal();
    expect(await verifyLog(dir)).toMatchObject({ lines: 1000, problems: [], checksum: log.checksum });
    const name = (await readdir(dir)).filter((name) => name.endsWith(".zst")).sort()[1] as string;
    const bytes = await readFile(join(dir, name));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await writeFile(join(dir, name), bytes);
    expect((await verifyLog(dir)).problems).toMatchObject([{ file: name }]);
    await rm(join(dir, name));
    expect((await verifyLog(dir)).problems[0]?.message).toContain("missing before it");
  });

  test("lines that cannot be stored are held while the folder is missing and written when it is there", async () => {
    const dir = join(newDir(), "later");
    await writeFile(join(dir, ".."), "a file in its place");
    const heard: string[] = [];
    await using log = await SegmentLog.open(dir, {
      retryMinMs: 5,
      retryMaxMs: 5,
      onTrouble: (message) => heard.push(message),
      onRecovered: (gap) => heard.push(`recovered ${gap}`),
    });
    log.append(toBatch(lines, 1));
    await log.written();
    expect(log.isTroubled).toBe(true);
    expect(log.flush()).rejects.toThrow("cannot be written");
    expect(await readLog(log)).toEqual(lines);
    await rm(join(dir, ".."));
    await mkdir(join(dir, ".."));
    while (log.isTroubled) await Bun.sleep(1);
    await log.flush();
    expect(heard).toEqual([heard[0] as string, "recovered undefined"]);
    expect(await readLog(log)).toEqual(lines);
  });

  test("readers at different places of one sealed frame do not disturb each other", async () => {
    await using log = await SegmentLog.open(newDir());
    for (let n = 0; n < 10; n++) log.append(toBatch(lines.slice(0, 100), log.nextSeq));
    await log.seal();
    const reader = async (from: number): Promise<void> => {
      for (let seq = from; seq < log.nextSeq; ) {
        const item = await log.read(seq, 500);
        if (!(item instanceof LineBatch)) throw new Error(`${item.fromSeq}-${item.toSeq}: ${item.reason}`);
        seq += item.count;
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, n) => reader(1 + n * 37)));
  });

  test("reading goes on while the log is written, rolled, sealed and reopened beside it", async () => {
    const dir = newDir();
    const many = randomLines(new Random(12), 12_000);
    const options = { segmentBytesMax: 100_000, indexEveryBytes: 5000 };
    const log = await SegmentLog.open(dir, options);
    let isDone = false;
    const follow = async (bytesMax: number) => {
      const seen: TestLine[] = [];
      while (!isDone || seen.length < many.length) {
        if (seen.length + 1 >= log.nextSeq) await Bun.sleep(0);
        else {
          const item = await log.read(seen.length + 1, bytesMax);
          if (!(item instanceof LineBatch)) throw new Error(JSON.stringify(item));
          seen.push(...fromBatch(item));
        }
      }
      return seen;
    };
    const readers = [3000, 20_000, 1_000_000].map(follow);
    for (let at = 0; at < many.length; at += 300) {
      log.append(toBatch(many.slice(at, at + 300), log.nextSeq));
      if (at % 3000 === 0) await log.seal();
      else await log.written();
    }
    isDone = true;
    for (const reader of readers) expect(await reader).toEqual(many);
    await log.close();
  });
});

describe("what is damaged", () => {
  test("log.json - what can be understood of it counts, the rest is told by verify", async () => {
    for (const [text, keeps, sentence] of [
      ['{"version":1,"epoch":"e","gaps":[null]}', true, /has entries that cannot be understood/],
      ['{"version":1,"epoch":"e","gaps":[{"fromSeq":2,"toSeq":1,"reason":"","after":[]}]}', true, /entries/],
      ['{"version":1,"epoch":"e","removed":[1],"gaps":[]}', true, /entries/],
      ['{"version":1,"epoch":"e","gaps":{}}', false, /cannot be understood/],
      ["{", false, /cannot be understood/],
    ] as const) {
      const dir = newDir();
      await writeLog(dir, lines);
      await writeFile(join(dir, "log.json"), text);
      const { problems } = await verifyLog(dir);
      expect([text, problems]).toEqual([
        text,
        [{ file: "log.json", message: expect.stringMatching(sentence) }],
      ]);
      await using log = await SegmentLog.open(dir);
      expect(log.epoch === "e").toBe(keeps);
      expect(await readLog(log)).toEqual(lines);
    }
  });

  test("a pipe, a folder or a link under the name of a file is left out, and told by verify", async () => {
    for (const name of [
      "00000000000000000500.log",
      "00000000000000000001.idx",
      "00000000000000000900.log.zst",
    ]) {
      for (const make of [(path: string) => Bun.$`mkfifo ${path}`.quiet(), (path: string) => mkdir(path)]) {
        const dir = newDir();
        await writeLog(dir, lines);
        await rm(join(dir, name), { force: true });
        await make(join(dir, name));
        const { problems } = await verifyLog(dir);
        expect(problems).toContainEqual({ file: name, message: "is no file; it is left out" });
        if (name.endsWith(".idx")) continue;
        await using log = await SegmentLog.open(dir);
        expect(await readLog(log)).toEqual(lines);
      }
    }
  });
});
