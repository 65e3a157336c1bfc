// Tasks that are being started while their engine goes away, over a whole worker: each waits, and is started exactly once.
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import type { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import type { TaskReport } from "../../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import { connectWorker } from "../../../../src/core/rpc/worker-client.ts";
import { startWorker } from "../../../../src/core/worker/worker.ts";
import { BreakingEngine } from "../../../helpers/breaking-engine.ts";
import { startSecondEngine, useEngine } from "../../../helpers/engine.ts";
import { engineCall } from "../../../helpers/engine-api.ts";
import { dockerSpec } from "../../../helpers/engine-spec.ts";
import { startRegistry } from "../../../helpers/registry.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { until } from "../../../helpers/until.ts";
import { newTaskId } from "../runtimes/runtime-contract.ts";

const engine = await useEngine();
/** Engines of one's own. */
const isRoot = process.platform === "linux" && process.getuid?.() === 0;

async function setUp(host = engine, data?: string) {
  await using parts = new AsyncDisposableStack();
  const dir = parts.use(await tempDir());
  const way = parts.use(await BreakingEngine.start(`${dir.path}/engine.sock`, host));
  const taskId = newTaskId();
  parts.defer(() => engineCall(host, "DELETE", `/containers/${taskId}?force=1`).catch(() => {}));
  const worker = parts.use(
    await startWorker({
      listen: { host: "127.0.0.1", port: 0 },
      dataDir: data ?? `${dir.path}/worker`,
      runtimes: ["docker"],
      dockerHost: way.host,
      logger: silentLogger,
    }),
  );
  const client = parts.use(await connectWorker(worker.address ?? { host: "", port: 0 }));
  let report: TaskReport | undefined;
  const details: string[] = [];
  void (async () => {
    for await (const each of client.watchTasks()) if (each.taskId === taskId) report = each;
  })().catch(() => {});
  void (async () => {
    await until("the task is known", () => report);
    for await (const item of client.streamLogs({ taskId, fromSeq: 1 })) {
      if (item.kind === "status") details.push(item.detail);
    }
  })().catch(() => {});
  const all = parts.move();
  return {
    way,
    taskId,
    details,
    /** Starts a task that leaves a mark outside of its container each time it runs. */
    start: (spec: Partial<TaskSpec> = {}) => {
      const command = ["sh", "-c", "echo ran >> /w/ran; echo one; echo two >&2; sleep 0.3; exit 3"];
      const given = dockerSpec({ command, volumes: [`${dir.path}:/w`], network: "none", ...spec });
      return client.startTask({ taskId, spec: given, userId: "ada" });
    },
    stop: () => client.stopTask({ taskId, force: false }),
    report: () => report,
    ended: () => until("the task has ended", () => report?.completion),
    waits: () => until("it waits", () => details.some((detail) => detail.endsWith("; waiting for it"))),
    runs: async () => (await readFile(`${dir.path}/ran`, "utf8").catch(() => "")).split("\n").length - 1,
    container: () => engineCall(host, "GET", `/containers/${taskId}/json`).catch(() => undefined),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const steps = {
  "the look for the image": /^GET [^ ]*\/images\//,
  create: /^POST [^ ]*\/containers\/create/,
  attach: /^POST [^ ]*\/attach/,
  start: /^POST [^ ]*\/start/,
};
const moments = Object.entries(steps).flatMap(([name, request]) => [
  { name, request, when: "before" as const },
  { name, request, when: "after" as const },
]);

describe("an engine that goes away while a task is being started", () => {
  test.each(moments)("$when $name: the task waits, and is run exactly once", async ({ request, when }) => {
    await using t = await setUp();
    t.way.breakAt(request, when);
    await t.start();
    await t.waits();
    expect(t.way.isBroken).toBe(true);
    expect(t.report()).toMatchObject({ status: "starting", completion: undefined });
    await t.way.mend();
    expect(await t.ended()).toMatchObject({
      status: "failed",
      exitCode: 3,
      reason: "",
      lastSeq: 2,
      bytes: 8,
    });
    expect(await t.runs()).toBe(1);
    await until("its container is removed", async () => (await t.container()) === undefined);
  });

  test.each(moments)(
    "$when $name: a cancel while it waits ends it at once, and nothing is left",
    async (moment) => {
      await using t = await setUp();
      t.way.breakAt(moment.request, moment.when);
      await t.start({ command: ["sleep", "60"] });
      await t.waits();
      await t.stop();
      expect(await t.ended()).toMatchObject({ status: "cancelled", reason: "cancelled" });
      expect(t.way.isBroken).toBe(true);
      await t.way.mend();
      await until("no container is left", async () => (await t.container()) === undefined);
    },
  );

  test.if(isRoot).each(["SIGKILL", "SIGTERM"] as const)(
    "a pull that breaks off (%s) is tried again when the engine is back",
    async (signal) => {
      await using own = await startSecondEngine();
      await using registry = await startRegistry({ everyMs: 100 });
      await using t = await setUp(own.host);
      await t.start({ image: registry.image, pull: "missing" });
      await until("the layer is asked for", registry.fetching);
      await own.end(signal);
      await t.waits();
      await own.start();
      expect(await t.ended()).toMatchObject({ status: "failed", exitCode: 3, lastSeq: 2 });
      expect(await t.runs()).toBe(1);
    },
    60_000,
  );

  test("a worker that is started while its engine is away waits for it, if tasks have run on it before", async () => {
    await using data = await tempDir();
    {
      await using t = await setUp(engine, data.path);
      await t.start({ command: ["true"] });
      await t.ended();
    }
    await using t = await setUp("unix:///no/engine.sock", data.path);
    await t.start();
    await t.waits();
    await t.stop();
    expect(await t.ended()).toMatchObject({ status: "cancelled" });
  });

  test("what an engine refuses for a reason of the task's own fails at once, and so does one that was never there", async () => {
    await using t = await setUp();
    await t.start({ memoryBytes: 1000 });
    expect(await t.ended()).toMatchObject({ status: "failed", exitCode: 125, reason: "engine" });
    await using dir = await tempDir();
    await using worker = await startWorker({
      listen: { host: "127.0.0.1", port: 0 },
      dataDir: dir.path,
      dockerHost: `unix://${dir.path}/no-engine.sock`,
      logger: silentLogger,
    });
    await using client = await connectWorker(worker.address ?? { host: "", port: 0 });
    await client.startTask({ taskId: "task-a", spec: dockerSpec({ command: ["true"] }), userId: "ada" });
    for await (const { taskId, completion } of client.watchTasks()) {
      if (taskId !== "task-a" || completion === undefined) continue;
      expect(completion).toMatchObject({ status: "failed", exitCode: 125 });
      expect(completion.message).toContain("no Docker engine answers");
      break;
    }
  });
});
