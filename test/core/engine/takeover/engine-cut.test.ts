// What a restart of the engine costs, on engines of the tests' own: nothing is told as missing where it is known that nothing
// is, and what nobody can know is told as that.
import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { Container } from "dockerode";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { createEngine } from "../../../../src/core/engine/client/engine.ts";
import type { RunResult } from "../../../../src/core/engine/output.ts";
import { halfALine } from "../../../../src/core/engine/takeover/engine-cut.ts";
import type { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { createDockerRuntime } from "../../../../src/core/worker/runtimes/docker/docker-runtime.ts";
import type { Run, TaskRuntime } from "../../../../src/core/worker/runtimes/runtime.ts";
import { TaskRecords } from "../../../../src/core/worker/tasks/task-records.ts";
import { BreakingEngine } from "../../../helpers/breaking-engine.ts";
import { startSecondEngine, testImage, useEngine } from "../../../helpers/engine.ts";
import { dockerSpec } from "../../../helpers/engine-spec.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { until } from "../../../helpers/until.ts";
import { newTaskId } from "../../worker/runtimes/runtime-contract.ts";
import { requireRuns, type TakenLine, TakenLog } from "./taken-log.ts";

const isRoot = process.platform === "linux" && process.getuid?.() === 0;
const quiet = ["--iptables=false", "--ip-forward=false"];
const workerId = `worker-${randomBytes(6).toString("hex")}`;
const whileAway =
  "perhaps none: the container ended while the engine was away, and nobody read what it printed";

/** Reads a run as an execution does: opened again behind what was taken whenever the engine went away. */
class Reading {
  readonly log: TakenLog;
  readonly ended: Promise<RunResult>;
  /** The output broke off, and the run is to be opened again. */
  hasBrokenOff = false;
  readonly #runtime: TaskRuntime;

  constructor(runtime: TaskRuntime, first: Run, log: TakenLog) {
    this.log = log;
    this.#runtime = runtime;
    this.ended = this.#read(first);
    this.ended.catch(() => {});
  }

  get lines(): TakenLine[] {
    return this.log.lines.stdout;
  }

  async #read(first: Run): Promise<RunResult> {
    for (let run = first; ; run = await this.#reopened(first.handle)) {
      try {
        await this.log.read(run);
        return await run.wait();
      } catch (thrown) {
        if (TasklogError.from(thrown).code !== "unavailable") throw thrown;
      }
    }
  }

  async #reopened(handle: string): Promise<Run> {
    this.hasBrokenOff = true;
    for (;;) {
      try {
        return await this.#runtime.reopen(handle, this.log.taken);
      } catch (thrown) {
        if (TasklogError.from(thrown).code !== "unavailable") throw thrown;
        await Bun.sleep(100);
      }
    }
  }
}

/** Starts a container and reads it; with `policy`, one of somebody else's, which may be started again by itself. */
async function start(
  host: string,
  script: string,
  { policy, ...fields }: { policy?: string } & Partial<TaskSpec> = {},
): Promise<{ container: Container; reading: Reading }> {
  const runtime = createDockerRuntime({ host, workerId, logger: silentLogger });
  const { docker } = createEngine(host);
  const command = ["sh", "-c", script];
  let run: Run;
  const log = new TakenLog();
  if (policy === undefined) run = await runtime.start(newTaskId(), dockerSpec({ command, ...fields }));
  else {
    const container = await docker.createContainer({
      Image: testImage,
      Cmd: command,
      HostConfig: { NetworkMode: "none", RestartPolicy: { Name: policy } },
    });
    await container.start();
    run = await runtime.reopen(container.id, log.taken);
  }
  const reading = new Reading(runtime, run, log);
  await until("something is there", () => reading.lines.length > 0 || reading.log.taken.unfinished?.stdout);
  return { container: docker.getContainer(run.handle), reading };
}

/** So long that nothing can be on its way any more. */
async function untilSilent(): Promise<void> {
  const fromMs = Date.now();
  await until("it has been silent for a while", () => Date.now() > fromMs + 5500);
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
const printing =
  "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; [ $((i % 20)) = 0 ] && usleep 10000; done; exit 3";

describe("a connection that breaks while the engine lives on", () => {
  test("costs nothing and is told as nothing, whatever the container printed and whether it ended meanwhile", async () => {
    const host = await useEngine();
    await using dir = await tempDir();
    await using way = await BreakingEngine.start(`${dir.path}/engine.sock`, host);
    const { container, reading } = await start(way.host, printing);
    for (let n = 0; n < 3; n++) {
      const { length } = reading.lines;
      await until("more lines are there", () => reading.lines.length > length + 200);
      way.break();
      await Bun.sleep(50);
      await way.mend();
    }
    way.break();
    const { docker } = createEngine(host);
    await docker.getContainer(container.id).wait();
    await way.mend();
    expect((await reading.ended).exitCode).toBe(3);
    expect(reading.log.gaps).toEqual([]);
    expect(reading.lines).toEqual(numbers(3000));
    await docker.getContainer(container.id).remove();
  }, 60_000);
});

describe("an output that breaks off behind the end of its container", () => {
  test("is read from the log to its end", async () => {
    const host = await useEngine();
    await using dir = await tempDir();
    await using way = await BreakingEngine.start(`${dir.path}/engine.sock`, host);
    const script = "echo 1; while [ ! -e /w/go ]; do sleep 0.05; done; seq 2 5000; exit 3";
    const { container, reading } = await start(way.host, script, { volumes: [`${dir.path}:/w`] });
    way.holdBack(/^POST [^ ]*\/attach/);
    await Bun.write(`${dir.path}/go`, "");
    await until("the engine has told the end", () => way.hasToldEnd);
    way.break();
    await until("that is noticed", () => reading.hasBrokenOff);
    await way.mend();
    expect((await reading.ended).exitCode).toBe(3);
    expect(reading.log.gaps).toEqual([]);
    expect(reading.lines).toEqual(numbers(5000));
    await createEngine(host).docker.getContainer(container.id).remove();
  }, 60_000);
});

describe.if(isRoot).each([
  ["with live-restore", ["--live-restore"]],
  ["without live-restore", []],
] as const)("an engine that ends (%s)", (_, args) => {
  test.each(["SIGKILL", "SIGTERM"] as const)(
    "%s: what a container printed while it was away is told as perhaps missing",
    async (signal) => {
      await using engine = await startSecondEngine([...quiet, ...args]);
      const isStopped = signal === "SIGTERM" && args.length === 0;
      const { reading } = await start(
        engine.host,
        "trap 'exit 5' TERM; echo first; sleep 8 & wait; echo away; exit 3",
      );
      await untilSilent();
      await engine.end(signal);
      await Bun.sleep(4000);
      await engine.start();
      const { exitCode } = await reading.ended;
      expect([exitCode, reading.lines]).toEqual(
        isStopped ? [5, ["first"]] : [3, ["first", { gap: whileAway }]],
      );
    },
    60_000,
  );

  test("SIGKILL: a container that was silent and lives on lost nothing, not even half a line", async () => {
    await using engine = await startSecondEngine([...quiet, ...args]);
    const script = "trap 'echo \" and end\"; exit 5' TERM; printf begin; while :; do sleep 0.05; done";
    const { container, reading } = await start(engine.host, script);
    await untilSilent();
    await engine.kill();
    await engine.start();
    // Without live-restore the next engine ends it, by SIGTERM, before it answers.
    if (args.length > 0) await container.kill({ signal: "SIGTERM" });
    expect((await reading.ended).exitCode).toBe(5);
    expect(reading.lines).toEqual(["begin and end"]);
  }, 60_000);

  test("SIGKILL in the middle of a line of a silent container, and the worker is killed, too: its rest is marked", async () => {
    await using engine = await startSecondEngine([...quiet, ...args]);
    await using dir = await tempDir();
    const notes = new TaskRecords(dir.path, () => workerId);
    const options = { host: engine.host, workerId, logger: silentLogger, notes };
    const script = "trap 'echo \" and end\"; exit 5' TERM; printf begin; while :; do sleep 0.05; done";
    const run = await createDockerRuntime(options).start(
      newTaskId(),
      dockerSpec({ command: ["sh", "-c", script] }),
    );
    const log = new TakenLog();
    const reading = log.read(run).catch(() => {});
    await until("its beginning is there", () => log.taken.unfinished?.stdout);
    await untilSilent();
    await engine.kill();
    await reading;
    await engine.start();
    const next = new TakenLog();
    const again = await createDockerRuntime(options).reopen(run.handle, next.taken);
    if (args.length > 0)
      await createEngine(engine.host).docker.getContainer(run.handle).kill({ signal: "SIGTERM" });
    await next.read(again);
    expect(next.lines.stdout).toEqual([{ gap: halfALine }, { cut: " and end" }]);
    notes.close();
  }, 60_000);

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "%s under load: all lines, or a gap in their place",
    async (signal) => {
      await using engine = await startSecondEngine([...quiet, ...args]);
      const { reading } = await start(engine.host, "seq 1 400000; exit 3");
      await until("lines are there", () => reading.lines.length > 10_000);
      await engine.end(signal);
      await engine.start();
      await reading.ended;
      for (const gap of reading.log.gaps) expect(gap).toStartWith("perhaps none: ");
      if (signal === "SIGTERM" && args.length === 0) expect(reading.log.gaps).toEqual([]);
      const last = Number(reading.lines.findLast((line) => typeof line === "string"));
      requireRuns(reading.lines, numbers(last));
    },
    120_000,
  );

  test("SIGKILL under load, and the worker is killed before it has told what that cost: the next one tells it", async () => {
    await using engine = await startSecondEngine([...quiet, ...args]);
    await using dir = await tempDir();
    const notes = new TaskRecords(dir.path, () => workerId);
    const options = { host: engine.host, workerId, logger: silentLogger, notes };
    const before = createDockerRuntime(options);
    const command = ["sh", "-c", "seq 1 300000; exit 3"];
    const run = await before.start(newTaskId(), dockerSpec({ command }));
    const log = new TakenLog();
    const reading = log.read(run).catch(() => {});
    await until("lines are there", () => log.lines.stdout.length > 10_000);
    await engine.kill();
    await reading;
    await engine.start();
    const next = await createDockerRuntime(options).reopen(run.handle, { ...log.taken, unfinished: {} });
    await log.read(next);
    expect(log.gaps).toHaveLength(1);
    expect(log.gaps[0]).toStartWith("perhaps none: ");
    const last = Number(log.lines.stdout.findLast((line) => typeof line === "string"));
    requireRuns(log.lines.stdout, numbers(last));
    notes.close();
  }, 120_000);

  test("a container that is always started again is read on over two restarts in a row", async () => {
    await using engine = await startSecondEngine([...quiet, ...args]);
    const script = "trap 'exit 5' TERM; echo start; i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done";
    const { container, reading } = await start(engine.host, script, { policy: "always" });
    for (let n = 0; n < 2; n++) {
      await engine.kill();
      await engine.start();
      const { length } = reading.lines;
      await until("it is read on", () => reading.lines.length > length + 20);
    }
    await container.update({ RestartPolicy: { Name: "no" } });
    await container.kill();
    await reading.ended;
    const runs = reading.lines.filter((line) => line === "start").length;
    expect(runs).toBe(args.length > 0 ? 1 : 3);
    // Each run counts from 1; where it does not go on by one, a gap says so.
    let due = "start";
    for (const line of reading.lines) {
      const isTold = typeof line !== "string";
      if (!isTold && line !== "start" && due !== "") expect(line).toBe(due);
      due = isTold ? "" : line === "start" ? "1" : String(Number(line) + 1);
    }
  }, 120_000);
});
