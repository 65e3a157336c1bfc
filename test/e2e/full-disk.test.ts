// A disk that is full: a small file system that the test fills up. Needs root, and is left out where it may not be mounted.
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { rmSync, statfsSync } from "node:fs";
import { open } from "node:fs/promises";
import { Tasklog } from "../helpers/tasklog.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { until } from "../helpers/until.ts";

const mb = 1024 * 1024;

const canMount = await (async () => {
  await using probe = await tempDir();
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe.path]).status === 0;
  if (isMounted) spawnSync("umount", [probe.path]);
  return isMounted;
})();

/** A file system of that size; gone at the end. */
function mountSmall(path: string, megabytes: number): Disposable {
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path]);
  if (status !== 0) throw new Error(`cannot mount ${path}`);
  return { [Symbol.dispose]: () => void spawnSync("umount", ["-l", path]) };
}

/** Writes until nothing fits any more. */
async function fill(path: string): Promise<void> {
  const file = await open(path, "w");
  for (const bytes of [mb, 4096, 1]) {
    const piece = new Uint8Array(bytes);
    while ((await file.write(piece).catch(() => undefined))?.bytesWritten);
  }
  await file.close();
}

test.skipIf(!canMount)(
  "a task on a full disk runs, is seen live and ends; its history has a gap, and goes on when there is room",
  async () => {
    const { path: folder, ...temp } = await tempDir();
    const t = await Tasklog.create();
    const disk = mountSmall(folder, 64);
    try {
      await t.master();
      t.serve(["worker", "--master", t.grpc, "--data-dir", folder]);
      await t.untilWorkers(1);
      await fill(`${folder}/ballast`);
      expect(statfsSync(folder).bavail).toBe(0);
      await Bun.write(t.path("go/.keep"), "");
      const pad = "x".repeat(90);
      // A viewer who is behind in the flood gets a gap, because nothing of it is kept; who has caught up sees what comes.
      const script = `echo first; yes ${pad} | head -n 450000; sleep 2; echo flood over; until [ -e /go/on ]; do sleep 0.1; done; seq 100; exit 3`;
      const id = await t.submit(script, "--name", "flood", "--volume", `${t.path("go")}:/go`);
      const live = t.start(["monitor", "--json", id]);
      await live.says("flood over", 60_000);
      await live.says("tasklog: flood: the disk does not take lines (");
      const short = await t.submit("echo short; exit 5");
      const seen = await t.run("monitor", short);
      expect([seen.code, seen.stdout]).toEqual([5, "short\n"]);

      rmSync(`${folder}/ballast`);
      await live.says("tasklog: flood: that is over, it goes on");
      await Bun.write(t.path("go/on"), "");
      const { code, stdout } = await live.ended;
      expect(code).toBe(3);
      expect(countOf(stdout)).toBe(450_102);

      const past = await t.run("monitor", "--json", "--tail", "all", id);
      expect([past.code, countOf(past.stdout)]).toEqual([3, 450_102]);
      // The text is long: it is not to be printed where this fails.
      for (const part of ['"text":"first"', '"reason":"the disk could not be written"', '"text":"100"'])
        expect([part, past.stdout.includes(part)]).toEqual([part, true]);
      const verified = await t.run("monitor", "--verify", id);
      expect([verified.code, verified.stdout]).toEqual([125, expect.stringMatching(/could not be written/)]);
      await until("no container is left", async () => (await t.containers()).length === 0);

      await t.stopServers();
      const store = await t.run("store", "verify", "--data-dir", folder);
      expect([store.code, store.stderr]).toEqual([0, ""]);
    } finally {
      await t.close();
      disk[Symbol.dispose]();
      await temp[Symbol.asyncDispose]();
    }
  },
);

test.skipIf(!canMount)(
  "up on a full disk goes on: what runs is seen to its end, what is new is refused in one sentence",
  async () => {
    const { path: folder, ...temp } = await tempDir();
    const t = await Tasklog.create();
    const disk = mountSmall(folder, 32);
    try {
      t.serve(["up", "--grpc", t.grpc, "--http", t.http, "--data-dir", folder]);
      await t.untilWorkers(1);
      const id = await t.submit("i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo $i; sleep 0.1; done; exit 4");
      await t.untilStatus(id, "running");
      await fill(`${folder}/ballast`);
      const seen = await t.run("monitor", "--tail", "all", id);
      const numbers = Array.from({ length: 40 }, (_, n) => `${n + 1}\n`).join("");
      expect([seen.code, seen.stdout]).toEqual([4, numbers]);
      expect(await t.untilStatus(id, "failed")).toMatchObject({ exitCode: 4 });
      const refused = await t.run("run", "--detach", "tasklog-test/busybox:latest", "--", "true");
      expect([refused.code, refused.stderr]).toEqual([125, expect.stringMatching(/make room there/)]);

      rmSync(`${folder}/ballast`);
      await until(
        "a new one is taken",
        async () => (await t.run("ps")).code === 0 && (await t.submit("exit 6")),
      );
      await t.stopServers();
      t.serve(["up", "--grpc", t.grpc, "--http", t.http, "--data-dir", folder]);
      await t.untilWorkers(1);
      const again = await t.run("monitor", "--tail", "all", id);
      expect([again.code, again.stdout]).toEqual([4, numbers]);
      expect((await t.run("monitor", "--verify", id)).code).toBe(0);
    } finally {
      await t.close();
      disk[Symbol.dispose]();
      await temp[Symbol.asyncDispose]();
    }
  },
);

/** Lines, and those that a gap says are missing; each number once. */
function countOf(ndjson: string): number {
  let next = 1;
  for (const line of ndjson.split("\n").slice(0, -1)) {
    const { seq, gap } = JSON.parse(line) as { seq?: number; gap?: { fromSeq: number; toSeq: number } };
    const [from, to] = gap === undefined ? [seq ?? 0, seq ?? 0] : [gap.fromSeq, gap.toSeq];
    if (from !== next) throw new Error(`${from} comes where ${next} should: ${line}`);
    next = to + 1;
  }
  return next - 1;
}
