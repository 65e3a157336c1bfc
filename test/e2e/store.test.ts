// What a worker keeps of its logs, by its flags, and `tasklog store`, which looks at them from outside.
import { afterAll, describe, expect, test } from "bun:test";
import { readdir, truncate } from "node:fs/promises";
import { join } from "node:path";
import { startTasklog, type Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

interface Size {
  taskId: string;
  segments: number;
  sealed: number;
  bytes: number;
}

interface Report {
  taskId: string;
  lines: number;
  firstSeq: number;
  problems: { file: string; message: string }[];
}

const kb = 1024;

/** About 100 bytes a line that cannot be compressed well. */
const noise = (lines: number): string =>
  `dd if=/dev/urandom bs=75 count=${lines} 2>/dev/null | base64 -w 100; echo last`;

const store = <T>(t: Tasklog, action: string): Promise<T[]> =>
  t.json<T>("store", action, "--data-dir", t.path("up"));

async function sizeOf(t: Tasklog, id: string): Promise<Size | undefined> {
  return (await store<Size>(t, "ls")).find(({ taskId }) => taskId === id);
}

describe("--task-bytes-max", () => {
  test("keeps the newest lines of a running task; what is gone is a gap for every reader", async () => {
    await using t = await startTasklog("--task-bytes-max", "1m", "--retain-every", "200ms");
    const id = await t.submit(`${noise(40_000)}; sleep 600`, "--name", "big");
    await until("the bound is kept", async () => {
      const { stdout } = await t.run("monitor", "--no-follow", "--tail", "1", id);
      const bytes = (await sizeOf(t, id))?.bytes ?? 0;
      return stdout === "last\n" && bytes > 500 * kb && bytes <= 1100 * kb;
    });
    const items = await t.json<{ seq?: number; text?: string; gap?: { fromSeq: number; toSeq: number } }>(
      "monitor",
      "--no-follow",
      "--tail",
      "all",
      id,
    );
    const gap = items[0]?.gap;
    expect(items[0]).toMatchObject({ gap: { fromSeq: 1, reason: "removed by retention" }, task: id });
    const seqs = items.slice(1).map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => (gap?.toSeq ?? 0) + 1 + n));
    expect(items.at(-1)?.text).toBe("last");

    const text = await t.run("monitor", "--no-follow", "--tail", "all", id);
    expect(text.stderr).toBe(
      `tasklog: big: ${gap?.toSeq} lines (1 to ${gap?.toSeq}) missing here: removed by retention\n`,
    );
    await t.run("cancel", "--force", id);
    const verified = await t.run("monitor", "--verify", id);
    expect([verified.code, verified.stdout]).toEqual([
      125,
      expect.stringContaining("cannot be verified: lines 1 to"),
    ]);
    const [report] = await store<Report>(t, "verify");
    expect(report).toMatchObject({ firstSeq: (gap?.toSeq ?? 0) + 1, problems: [] });
  });
});

test("--retain removes what is older, and how the task ended is known all the same", async () => {
  await using t = await startTasklog("--retain", "1s", "--retain-every", "200ms");
  const id = await t.submit("seq 100; exit 4", "--name", "old");
  await t.untilStatus(id, "failed");
  await until("its lines are gone", async () => (await sizeOf(t, id))?.segments === 0);
  expect(await t.run("monitor", "--tail", "all", id)).toEqual({
    code: 4,
    stdout: "",
    stderr: "tasklog: old: 100 lines (1 to 100) missing here: removed by retention\n",
  });
});

test("--store-bytes-max takes the logs of the tasks that ended first", async () => {
  await using t = await startTasklog("--store-bytes-max", "1m", "--retain-every", "200ms");
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const id = await t.submit(noise(6000));
    await t.untilStatus(id, "success");
    ids.push(id);
  }
  const [first = "", second = "", third = ""] = ids;
  await until("the bound is kept", async () => {
    const sizes = await store<Size>(t, "ls");
    const isSealed = sizes.every(({ segments, sealed }) => segments === sealed);
    return isSealed && sizes.reduce((sum, { bytes }) => sum + bytes, 0) <= 1100 * kb;
  });
  // How much has to go depends on how many of them were compressed when it was looked.
  const reports = await store<Report>(t, "verify");
  const firstSeqOf = (id: string) => reports.find(({ taskId }) => taskId === id)?.firstSeq;
  expect(firstSeqOf(first)).toBeGreaterThan(1);
  expect((await sizeOf(t, first))?.segments === 0 || firstSeqOf(second) === 1).toBe(true);
  expect((await sizeOf(t, third))?.bytes).toBeGreaterThan(400 * kb);
  expect((await t.run("monitor", "--tail", "all", second)).stdout).toEndWith("last\n");
  expect((await t.run("monitor", "--verify", third)).code).toBe(0);
});

describe("tasklog store", () => {
  const started = startTasklog("--fsync", "always");
  afterAll(async () => (await started).close());

  test("ls and verify, while the worker runs and a task prints", async () => {
    const t = await started;
    const done = await t.submit("seq 1000");
    await t.untilStatus(done, "success");
    const running = await t.submit("while :; do seq 100; sleep 0.05; done");
    await until("it has printed", async () => ((await sizeOf(t, running))?.bytes ?? 0) > 0);
    for (let n = 0; n < 5; n++) {
      const { code, stdout, stderr } = await t.run("store", "verify", "--data-dir", t.path("up"));
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^tasklog: the worker runs: .*\n$/)]);
      expect(stdout).toMatch(new RegExp(`^TASK +RESULT[\\s\\S]*${done} +ok +1000 `, "m"));
    }
    await t.run("cancel", "--force", running);
    await t.untilStatus(running, "cancelled");
    const list = await t.run("store", "ls", "--data-dir", join(t.path("up"), "worker"));
    expect(list.stdout).toContain(running);
    expect(list.stderr).toMatch(/^2 logs, \d/);
  });

  test("verify finds a damaged byte and lines that are missing, and leaves with 1", async () => {
    const t = await started;
    await t.stopServers();
    const report = (await store<Report>(t, "verify")).find(({ lines }) => lines === 1000);
    expect(report?.problems).toEqual([]);
    const dir = join(t.path("up"), "worker/logs", report?.taskId ?? "");
    const name = (await readdir(dir)).find((file) => /\.zst$/.test(file)) ?? "";
    const bytes = new Uint8Array(await Bun.file(join(dir, name)).arrayBuffer());
    bytes[bytes.length - 10] = (bytes.at(-10) ?? 0) ^ 1;
    await Bun.write(join(dir, name), bytes);
    const damaged = await t.run("store", "verify", "--data-dir", t.path("up"));
    expect([damaged.code, damaged.stdout]).toEqual([1, expect.stringMatching(/[1-9] wrong/)]);
    expect(damaged.stderr).toContain(`${report?.taskId}: ${name} `);
    await truncate(join(dir, name), 0);
    const emptied = await t.run("store", "verify", "--data-dir", t.path("up"));
    expect([emptied.code, emptied.stderr]).toEqual([
      1,
      `${report?.taskId}: the log ends with line 0, its task ended with line 1000\n`,
    ]);
  });

  test("a folder without logs, and an action that there is not, are one sentence", async () => {
    const t = await started;
    const none = await t.run("store", "ls", "--data-dir", t.path("nowhere"));
    expect([none.code, none.stderr]).toEqual([125, expect.stringContaining("there are no logs in")]);
    const what = await t.run("store", "mend");
    expect([what.code, what.stderr]).toEqual([2, expect.stringContaining('"store" takes ls or verify')]);
  });
});
