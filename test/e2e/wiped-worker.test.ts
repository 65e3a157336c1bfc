// A worker that was killed and whose data folder was wiped: its containers are found again by what stands in them.
import { expect, test } from "bun:test";
import { readdir, rm } from "node:fs/promises";
import { startApart } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

test("the task goes on under a new log, and its viewer is told and begins again", async () => {
  await using t = await startApart();
  const script = "i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo $i; sleep 0.1; done; exit 7";
  const id = await t.submit(script, "--name", "goes-on", "--env", "SECRET=xyz", "--label", "team=a");
  await t.untilStatus(id, "running");
  const container = await t.containerOf(id);
  const { Config } = await t.engine(`/containers/${container}/json`);
  expect(Config.Labels["dev.tasklog.user"]).toBe("tester");
  expect(JSON.stringify(Config.Labels)).not.toContain("xyz");

  const monitor = t.start(["monitor", "--tail", "all", id]);
  const forScripts = t.start(["monitor", "--tail", "all", "--json", id]);
  await monitor.says("20\n");
  await t.workerProcess.stop("SIGKILL");
  for (const name of await readdir(t.path("alpha")))
    await rm(`${t.path("alpha")}/${name}`, { recursive: true });
  t.worker("alpha");
  const { code, stdout, stderr } = await monitor.ended;
  expect(code).toBe(7);
  expect(stderr).toContain("the log of goes-on was started anew; its lines begin again");
  const numbers = (to: number) => Array.from({ length: to }, (_, n) => String(n + 1));
  const lines = stdout.split("\n").slice(0, -1);
  const again = lines.lastIndexOf("1");
  expect(again).toBeGreaterThan(19);
  expect(lines.slice(0, again)).toEqual(numbers(again));
  expect(lines.slice(again)).toEqual(numbers(60));
  const items = (await forScripts.ended).stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const start = items.findIndex((item) => "start" in item);
  expect(items[start]).toMatchObject({ start: { firstSeq: 1, recovered: false }, task: id });
  expect(items.slice(start + 1).map(({ text }) => text)).toEqual(numbers(60));
  expect((await t.run("monitor", id, "--verify")).code).toBe(0);
  await until("its container is gone", async () => (await t.containers()).length === 0);
});

test("a task that had ended before is told with its exit code, and that its lines are gone", async () => {
  await using t = await startApart();
  const id = await t.submit("echo first; echo second >&2; exit 3", "--name", "done");
  await t.untilStatus(id, "failed");
  await t.workerProcess.stop("SIGKILL");
  await rm(t.path("alpha"), { recursive: true });
  t.worker("alpha");
  await t.untilWorkers(1);
  const { code, stdout, stderr } = await t.run("monitor", id);
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toStartWith("tasklog: done: 2 lines (1 to 2) missing here: its worker has this log no more");
});

test("a task that ended while its worker was away and wiped is told with its exit code and all lines", async () => {
  await using t = await startApart();
  const id = await t.submit("seq 500; sleep 2; seq 501 600; exit 9");
  await t.untilStatus(id, "running");
  await until("the first part is there", async () =>
    (await t.run("monitor", "--no-follow", "--tail", "1", id)).stdout.startsWith("500"),
  );
  await t.workerProcess.stop("SIGKILL");
  await rm(t.path("alpha"), { recursive: true });
  await until("the container has ended", async () => (await t.containers())[0]?.state === "exited");
  t.worker("alpha");
  const { code, stdout } = await t.run("monitor", "--tail", "all", id);
  expect(code).toBe(9);
  expect(stdout.split("\n").slice(0, -1)).toEqual(Array.from({ length: 600 }, (_, n) => String(n + 1)));
});
