// A disk that is merely slow: the task may be slowed, a viewer never, no line is lost, and it is said.
import { expect, test } from "bun:test";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { mountSlowDisk } from "../helpers/slow-disk.ts";
import { Tasklog } from "../helpers/tasklog.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { until } from "../helpers/until.ts";

const linesCount = 400_000;
const lineBytes = 100;
const recordHeadBytes = "2026-11-23T07:51:53.417678314Z stdout F ".length;

await using probe = await tempDir();
await using possible = await mountSlowDisk(probe.path, 16);

test.skipIf(possible === undefined)(
  "a task on a slow disk is held up and says so, its viewers see lines before the disk has them, and none is lost",
  async () => {
    await using temp = await tempDir();
    await using disk = await mountSlowDisk(temp.path, 200);
    await using t = await Tasklog.create();
    if (disk === undefined) throw new Error("no slow disk");
    await t.master();
    const worker = t.serve(["worker", "--master", t.grpc, "--data-dir", disk.path]);
    await t.untilWorkers(1);
    disk.setRate(1_000_000);
    disk.slowDown(worker.pid);

    const id = await t.submit(
      `yes ${"x".repeat(lineBytes - 1)} | head -n ${linesCount}; exit 3`,
      "--name",
      "flood",
    );
    const live = t.start(["monitor", "--tail", "all", id]);
    await live.says("tasklog: flood: the worker's disk is slow", 60_000);
    await until("the metric tells", async () => (await metric(t, "tasklog_disk_behind_tasks")) === 1);
    await until(
      "it was held up",
      async () => ((await metric(t, "tasklog_disk_held_seconds_total")) ?? 0) > 1,
    );
    // On disk each line has its stamp and stream before it.
    const textOnDisk = (bytesIn(disk.path) * lineBytes) / (lineBytes + recordHeadBytes);
    expect(live.stdout.length).toBeGreaterThan(textOnDisk + 2_000_000);
    const another = await t.run("run", "tasklog-test/busybox:latest", "--", "echo", "another task is seen");
    expect([another.code, another.stdout]).toEqual([0, "another task is seen\n"]);
    expect(live.running).toBe(true);

    disk.setRate(0);
    await live.says("tasklog: flood: that is over, it goes on", 60_000);
    const { code, stdout } = await live.ended;
    expect([code, stdout.length]).toEqual([3, linesCount * lineBytes]);
    const verified = await t.run("monitor", "--verify", id);
    expect(verified.code).toBe(0);
    expect(await metric(t, "tasklog_disk_behind_tasks")).toBe(0);
    await t.stopServers();
  },
);

async function metric(t: Tasklog, name: string): Promise<number | undefined> {
  const text = await (await fetch(`http://${t.http}/metrics`)).text();
  const found = new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function bytesIn(dir: string): number {
  return (readdirSync(dir, { recursive: true }) as string[]).reduce(
    (sum, name) => sum + statSync(join(dir, name)).size,
    0,
  );
}
