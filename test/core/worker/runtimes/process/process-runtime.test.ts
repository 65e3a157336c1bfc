// The process runtime: the contract, and what only child processes have.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "../../../../../src/core/base/logger.ts";
import { createProcessRuntime } from "../../../../../src/core/worker/runtimes/process/process-runtime.ts";
import { processSpec } from "../../../../helpers/engine-spec.ts";
import { until } from "../../../../helpers/until.ts";
import { chunksOf, failureOf, newTaskId, readAll, testRuntime } from "../runtime-contract.ts";

const dataDir = mkdtempSync(join(tmpdir(), "tasklog-test-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
const mark = `TASKLOG_TEST_MARK=${dataDir}`;
const spec = (fields: Parameters<typeof processSpec>[0] = {}) =>
  processSpec({ ...fields, env: [...(fields?.env ?? []), mark] });
const runtime = createProcessRuntime({ workerId: "worker-test", dataDir, logger: silentLogger });

/** The processes that inherited our mark, dead ones that nobody reaped left out. */
function processesOfOurs(): number[] {
  const pids = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(mark);
    } catch {
      return false;
    }
  });
}

testRuntime("process", { create: () => runtime, spec, leftOver: () => processesOfOurs().length });

describe("process", () => {
  const shell = (script: string) => runtime.start(newTaskId(), spec({ command: ["sh", "-c", script] }));

  test("a worker whose own folder is gone says so, and runs tasks that name another", async () => {
    const before = process.cwd();
    const gone = mkdtempSync(join(tmpdir(), "tasklog-test-"));
    process.chdir(gone);
    rmSync(gone, { recursive: true });
    try {
      const { code, message } = await failureOf(shell("true"));
      expect({ code, message }).toEqual({
        code: "invalid",
        message: expect.stringMatching(/^the folder that the worker was started in is gone: .*--workdir/),
      });
      const run = await runtime.start(newTaskId(), spec({ command: ["pwd"], workdir: "/" }));
      expect((await readAll(run)).stdout).toBe("/\n");
      await runtime.remove(run.handle);
    } finally {
      process.chdir(before);
    }
  });

  test("what the command left in its group ends with it", async () => {
    const run = await shell("sleep 60 & echo started");
    expect((await readAll(run)).stdout).toBe("started\n");
    await until("the group is gone", () => processesOfOurs().length === 0);
    await runtime.remove(run.handle);
  });

  test("a process that left the group is not waited for", async () => {
    const run = await shell("setsid sh -c 'echo $$; exec sleep 60' & sleep 0.3; echo done");
    const { stdout } = await readAll(run);
    expect(stdout).toEndWith("done\n");
    process.kill(Number.parseInt(stdout, 10), "SIGKILL");
    await runtime.remove(run.handle);
  });

  test("a signal of a child's own is not taken for an exit code", async () => {
    const run = await shell("kill -15 $$");
    await readAll(run);
    expect(await run.wait()).toMatchObject({ exitCode: 143, signal: "SIGTERM" });
    const chosen = await shell("exit 143");
    await readAll(chosen);
    expect(await chosen.wait()).toMatchObject({ exitCode: 143, signal: "" });
  });

  test("detach ends the run: a child does not outlive its worker", async () => {
    const run = await shell("exec sleep 60");
    run.detach();
    await until("it is gone", () => processesOfOurs().length === 0);
    await runtime.remove(run.handle);
  });

  test("what a killed worker left behind is ended by the next one on its data folder", async () => {
    await shell("exec sleep 60");
    const next = createProcessRuntime({ workerId: "worker-test", dataDir, logger: silentLogger });
    expect(await next.find()).toEqual([]);
    await until("it is gone", () => processesOfOurs().length === 0);
    for (const { handle } of await runtime.find()) await runtime.remove(handle);
  });

  test("a run needs no room on the disk", async () => {
    const full = mkdtempSync(join(dataDir, "full-"));
    writeFileSync(join(full, "processes"), "a file where the folder should be");
    const runtime = createProcessRuntime({ workerId: "worker-test", dataDir: full, logger: silentLogger });
    const run = await runtime.start(newTaskId(), spec({ command: ["echo", "one"] }));
    expect((await readAll(run)).stdout).toBe("one\n");
    expect(await run.wait()).toMatchObject({ exitCode: 0 });
    await runtime.remove(run.handle);
  });

  test("a grace of months is one", async () => {
    const run = await shell("trap 'sleep 0.3; exit 7' TERM; echo ready; while :; do sleep 0.05; done");
    const output = chunksOf(run);
    await output.next();
    await run.stop(2 ** 32);
    expect(await run.wait()).toMatchObject({ exitCode: 7 });
    await output.return();
    await runtime.remove(run.handle);
  });

  test.each([
    [{ image: "busybox" }, "an image"],
    [{ volumes: ["/a:/b"] }, "--volume"],
    [{ cpus: 1 }, "--cpus"],
    [{ memoryBytes: 1 }, "--memory"],
    [{ gpus: "all" }, "--gpus"],
    [{ network: "host" }, "--network"],
    [{ user: "nobody" }, "--user"],
    [{ tty: true }, "--tty"],
  ])("%o is refused, because it cannot be had", async (fields, words) => {
    const error = await failureOf(runtime.start(newTaskId(), spec({ command: ["true"], ...fields })));
    expect(error.code).toBe("invalid");
    expect(error.message).toContain(words);
  });

  test("a missing folder and a missing command are told apart", async () => {
    const folder = await failureOf(
      runtime.start(newTaskId(), spec({ command: ["true"], workdir: "/no/such" })),
    );
    expect(folder.message).toContain("there is no folder /no/such");
    expect((await failureOf(runtime.start(newTaskId(), spec()))).message).toContain("needs a command");
  });
});
