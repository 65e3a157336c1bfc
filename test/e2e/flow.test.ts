// What the whole design is for: every line reaches every reader once and in order, at full speed, past slow readers,
// and over a restart of the worker or the master in the middle.
import { expect, test } from "bun:test";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { image, startApart, startTasklog } from "../helpers/tasklog.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { until } from "../helpers/until.ts";

/** Counts the lines of a file that should hold 1, 2, 3 …, and finds the first that is not in its place. */
async function counted(path: string): Promise<{ lines: number; firstWrong: string | undefined }> {
  let lines = 0;
  let firstWrong: string | undefined;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    lines++;
    if (firstWrong === undefined && Number.parseInt(line, 10) !== lines)
      firstWrong = `line ${lines}: ${line}`;
  }
  return { lines, firstWrong };
}

/** Prints 1 to `lines`, a hundred each tenth of a second, and leaves with 5. */
const steadily = (lines: number) =>
  `i=0; while [ $i -lt ${lines} ]; do seq $((i+1)) $((i+100)); i=$((i+100)); sleep 0.1; done; exit 5`;

test("a million lines at full speed through `run > file` are a million, in order", async () => {
  await using t = await startTasklog();
  const script =
    "seq 1000000 | sed 's/$/ abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz/'";
  const run = t.start(["run", image, "--", "sh", "-c", script], { stdoutFile: t.path("lines") });
  const { code, stderr } = await run.ended;
  expect([code, stderr]).toEqual([0, ""]);
  expect(await counted(t.path("lines"))).toEqual({ lines: 1_000_000, firstWrong: undefined });
});

test("a stopped viewer hurts nobody, and loses nothing when it goes on", async () => {
  await using t = await startTasklog();
  const id = await t.submit("seq 400000; sleep 1; seq 400001 500000");
  const stopped = t.start(["monitor", id, "--tail", "all"], { stdoutFile: t.path("stopped") });
  await until("it has begun", () => Bun.file(t.path("stopped")).size > 0);
  stopped.signal("SIGSTOP");

  const other = t.start(["monitor", id, "--tail", "all"], { stdoutFile: t.path("other") });
  expect((await other.ended).code).toBe(0);
  expect((await t.untilStatus(id, "success")).status).toBe("success");
  expect(await counted(t.path("other"))).toEqual({ lines: 500_000, firstWrong: undefined });
  expect((await counted(t.path("stopped"))).lines).toBeLessThan(500_000);

  stopped.signal("SIGCONT");
  expect((await stopped.ended).code).toBe(0);
  expect(await counted(t.path("stopped"))).toEqual({ lines: 500_000, firstWrong: undefined });
});

test("a viewer whose pipe nobody reads costs the task nothing", async () => {
  await using t = await startTasklog();
  const id = await t.submit("seq 300000");
  const shell = t.shell(`monitor --tail all ${id} | (sleep 3; cat) > ${t.path("late")}`);
  await t.untilStatus(id, "success");
  await shell.ended;
  expect(await counted(t.path("late"))).toEqual({ lines: 300_000, firstWrong: undefined });
});

test("worker restart in the middle - the task runs on and no line is lost", async () => {
  await using t = await startApart();
  const id = await t.submit(steadily(6000));
  const run = t.start(["monitor", id, "--tail", "all"], { stdoutFile: t.path("lines") });
  await until("it has begun", () => Bun.file(t.path("lines")).size > 3000);
  await t.workerProcess.stop("SIGTERM");
  expect((await t.containers()).map(({ state }) => state)).toEqual(["running"]);
  t.worker("alpha");
  expect((await run.ended).code).toBe(5);
  expect(await counted(t.path("lines"))).toEqual({ lines: 6000, firstWrong: undefined });
});

test("worker killed in the middle - the next one takes over exactly", async () => {
  await using t = await startApart();
  const id = await t.submit(steadily(6000));
  const run = t.start(["monitor", id, "--tail", "all"], { stdoutFile: t.path("lines") });
  await until("it has begun", () => Bun.file(t.path("lines")).size > 3000);
  await t.workerProcess.stop("SIGKILL");
  t.worker("alpha");
  expect((await run.ended).code).toBe(5);
  expect(await counted(t.path("lines"))).toEqual({ lines: 6000, firstWrong: undefined });
});

test("master restart in the middle - task, worker and viewer go on", async () => {
  await using t = await startApart();
  const id = await t.submit(steadily(6000));
  const run = t.start(["monitor", id, "--tail", "all"], { stdoutFile: t.path("lines") });
  await until("it has begun", () => Bun.file(t.path("lines")).size > 3000);
  await t.masterProcess.stop("SIGKILL");
  await t.master();
  expect((await run.ended).code).toBe(5);
  expect(await counted(t.path("lines"))).toEqual({ lines: 6000, firstWrong: undefined });
  expect((await t.tasks()).map(({ status, exitCode }) => [status, exitCode])).toEqual([["failed", 5]]);
});

test("a worker that stays away makes its tasks lost; its return makes them what they are", async () => {
  await using t = await startApart(["--lost-after", "1s"]);
  const id = await t.submit("sleep 4; echo after; exit 6");
  await t.untilStatus(id, "running");
  await t.workerProcess.stop("SIGKILL");
  const { status } = await t.untilStatus(id, "lost");
  expect(status).toBe("lost");
  t.worker("alpha");
  await t.untilStatus(id, "running", "failed");
  expect((await t.untilStatus(id, "failed")).exitCode).toBe(6);
  expect((await t.run("monitor", id)).stdout).toBe("after\n");
});

test("a worker without its master goes on, and reconnects by itself", async () => {
  await using t = await startApart();
  const id = await t.submit("for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done");
  await t.untilStatus(id, "running");
  await t.masterProcess.stop("SIGKILL");
  await until("the task has ended", async () =>
    (await t.containers()).every(({ state }) => state !== "running"),
  );
  await t.master();
  expect((await t.untilStatus(id, "success")).status).toBe("success");
  expect((await t.run("monitor", id)).stdout).toBe("1\n2\n3\n4\n5\n6\n");
});

test("two workers - tasks go to the least loaded, and to the one that is asked for", async () => {
  await using t = await startApart();
  t.worker("beta", "--label", "disk=ssd");
  await t.untilWorkers(2);
  const ids = [await t.submit("sleep 30"), await t.submit("sleep 30")];
  for (const id of ids) await t.untilStatus(id, "running");
  expect((await t.tasks()).map(({ worker }) => worker).sort()).toEqual(["alpha", "beta"]);
  const chosen = await t.submit("sleep 30", "--constraint", "disk=ssd");
  expect((await t.untilStatus(chosen, "running")).worker).toBe("beta");
});

test("slots - a task waits its turn, and is told why", async () => {
  await using t = await startTasklog("--slots", "1");
  const first = await t.submit("sleep 2");
  const second = await t.submit("echo second");
  await t.untilStatus(first, "running");
  expect((await t.untilStatus(second, "pending")).detail).toMatch(/slot/i);
  expect((await t.run("monitor", second)).stdout).toBe("second\n");
});

test("--worker and --listen - the same, dialled the other way round", async () => {
  await using t = await startApart([], []);
  const { freePort } = await import("../helpers/free-port.ts");
  const address = `127.0.0.1:${await freePort()}`;
  t.serve(["worker", "--listen", address, "--name", "listening", "--data-dir", t.path("listening")]);
  await t.masterProcess.stop("SIGINT");
  await t.master("--worker", address);
  await t.untilWorkers(2);
  const { code, stdout } = await t.run("run", "--constraint", "name=listening", image, "--", "echo", "hi");
  expect([code, stdout]).toEqual([0, "hi\n"]);
});

test("the process runtime runs a command as a child, when it is asked for", async () => {
  await using folder = await tempDir();
  await using t = await startTasklog("--runtime", "process");
  const script = `echo out; echo err >&2; pwd; exit 3`;
  const ended = await t.run("run", "--workdir", folder.path, "--", "sh", "-c", script);
  expect(ended).toEqual({ code: 3, stdout: `out\n${folder.path}\n`, stderr: "err\n" });
});
