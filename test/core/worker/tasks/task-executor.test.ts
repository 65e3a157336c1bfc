// A whole worker on the process runtime, asked over its own gRPC service as a master would.
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import type { TaskReport } from "../../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import { connectWorker, type WorkerClient } from "../../../../src/core/rpc/worker-client.ts";
import { startWorker, type WorkerOptions } from "../../../../src/core/worker/worker.ts";
import { processSpec } from "../../../helpers/engine-spec.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { until } from "../../../helpers/until.ts";

const spec = (script: string) => processSpec({ command: ["sh", "-c", script] });

async function setUp(dataDir: string, options: Partial<WorkerOptions> = {}) {
  await using parts = new AsyncDisposableStack();
  const worker = parts.use(
    await startWorker({
      listen: { host: "127.0.0.1", port: 0 },
      dataDir,
      runtimes: ["process"],
      logger: silentLogger,
      ...options,
    }),
  );
  const client = parts.use(await connectWorker(worker.address ?? { host: "", port: 0 }));
  const reports = watch(client);
  const all = parts.move();
  return { client, reports, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** The newest report of each task. */
function watch(client: WorkerClient): Map<string, TaskReport> {
  const reports = new Map<string, TaskReport>();
  void (async () => {
    for await (const report of client.watchTasks()) reports.set(report.taskId, report);
  })().catch(() => {});
  return reports;
}

test("ids - one that would lead out of the data folder is refused", async () => {
  await using dir = await tempDir();
  await using worker = await setUp(`${dir.path}/worker`);
  for (const taskId of ["../../escaped", "..", ".", "", "a/b", "/tmp/a", "a\0b"]) {
    const started = worker.client.startTask({ taskId, spec: spec("true"), userId: "ada" });
    await expect(started.catch((error) => TasklogError.from(error).code)).resolves.toBe("invalid");
  }
  expect(existsSync(`${dir.path}/escaped`)).toBe(false);
});

test("a task whose log cannot be opened fails with a sentence, and harms no other", async () => {
  await using dir = await tempDir();
  await using worker = await setUp(dir.path);
  await mkdir(`${dir.path}/logs`, { recursive: true });
  await symlink("task-bad", `${dir.path}/logs/task-bad`);
  for (const taskId of ["task-bad", "task-good"])
    await worker.client.startTask({ taskId, spec: spec("echo one"), userId: "ada" });
  const ended = (taskId: string) => worker.reports.get(taskId)?.completion;
  await until("both have ended", () => ended("task-bad") && ended("task-good"));
  expect(ended("task-good")).toMatchObject({ status: "success", lastSeq: 1 });
  expect(ended("task-bad")).toMatchObject({ status: "failed", exitCode: 125, lastSeq: 0 });
  expect(ended("task-bad")?.message).toContain("cannot read the log");
});

test("a stop that comes before the engine answers is not forgotten: the task is not started any more", async () => {
  await using dir = await tempDir();
  {
    // A worker that was killed before it had started its task.
    await using _worker = await setUp(dir.path);
    const { Database } = await import("bun:sqlite");
    using database = new Database(`${dir.path}/worker.db`);
    const record = {
      taskId: "task-a",
      spec: spec(`echo ran > ${dir.path}/ran`),
      userId: "ada",
      runtime: "docker",
      status: "starting",
      handle: "",
      startedMs: 0,
      stopRequested: false,
    };
    const insert = database.query("INSERT INTO tasks (task_id, status, record) VALUES (?, ?, ?)");
    insert.run("task-a", "starting", JSON.stringify(record));
  }
  const socket = `${dir.path}/engine.sock`;
  await using worker = await setUp(dir.path, { runtimes: ["docker"], dockerHost: `unix://${socket}` });
  expect(await worker.client.stopTask({ taskId: "task-a", force: false })).toEqual({ known: true });
  await using _engine = await emptyEngine(socket);
  const completion = await until("it has ended", () => worker.reports.get("task-a")?.completion);
  expect(completion).toMatchObject({ status: "cancelled", reason: "cancelled" });
});

/** An engine that has no containers and takes none. */
async function emptyEngine(socket: string): Promise<AsyncDisposable> {
  const server = Bun.serve({
    unix: socket,
    fetch: ({ url }) =>
      new URL(url).pathname.endsWith("/containers/json")
        ? Response.json([])
        : Response.json({ message: "no" }, { status: 500 }),
  });
  return { [Symbol.asyncDispose]: () => server.stop(true) };
}

test("retention - a log that cannot be read does not keep the bounds from the others", async () => {
  await using dir = await tempDir();
  const run = async (worker: Awaited<ReturnType<typeof setUp>>, taskId: string) => {
    await worker.client.startTask({ taskId, spec: spec("echo one"), userId: "ada" });
    await until(`${taskId} has ended`, () => worker.reports.get(taskId)?.completion);
  };
  {
    await using worker = await setUp(dir.path);
    await run(worker, "task-bad");
  }
  await writeFile(`${dir.path}/logs/task-bad/log.json`, JSON.stringify({ version: 99 }));
  await using worker = await setUp(dir.path, { retention: { retainMs: 1, everyMs: 100 } });
  await run(worker, "task-good");
  await until("its line is removed", async () => {
    const { firstSeq } = await worker.client.readLog({ taskId: "task-good", fromSeq: 1 });
    return firstSeq === 2;
  });
});
