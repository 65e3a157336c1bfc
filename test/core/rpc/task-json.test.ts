// The one public JSON of a task: what each field is, and that the command line, the HTTP API and webhooks give the same.
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { Plugin } from "../../../src/core/master/plugins/plugin.ts";
import { emptyCompletion } from "../../../src/core/master/tasks/task-completions.ts";
import { newTaskId } from "../../../src/core/master/tasks/task-ids.ts";
import { type DeepPartial, Task, TaskSpec, WorkerInfo } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { TaskReport } from "../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import {
  type TaskJson,
  toCompletionJson,
  toMoment,
  toTaskJson,
  toTaskJsonInFull,
} from "../../../src/core/rpc/task-json.ts";
import { toWorkerJson } from "../../../src/core/rpc/worker-json.ts";
import webhook from "../../../src/plugins/webhook/index.ts";
import ws from "../../../src/plugins/ws/index.ts";
import { Child } from "../../helpers/child.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { until } from "../../helpers/until.ts";
import { Receiver } from "../../plugins/webhook/receiver.ts";
import { MasterFixture } from "../master/master-fixture.ts";

/** A task of which nothing is known but its id. */
const bare: TaskJson = {
  ...{ id: "task-aaaaaaaaaaaa", name: null, status: "pending", detail: null, user: null, worker: null },
  ...{ workerId: null, containerId: null, image: null, command: [], labels: {}, cancelRequested: false },
  ...{ adopted: null, created: null, started: null, finished: null, durationMs: null, exitCode: null },
  ...{ signal: null, reason: null, message: null, lastSeq: null, lines: null, bytes: null, checksum: null },
};

const withSpec = (spec: Partial<TaskSpec>) => ({ spec: TaskSpec.fromPartial(spec) });

test.each<[string, DeepPartial<Task>, Partial<TaskJson>]>([
  ["a task of which nothing is known", {}, {}],
  [
    "what it is",
    withSpec({ name: "n", image: "i", command: ["a", "b"], labels: { k: "v" } }),
    { name: "n", image: "i", command: ["a", "b"], labels: { k: "v" } },
  ],
  [
    "where it is",
    { userId: "ada", workerId: "w", workerName: "alpha", containerId: "c" },
    { user: "ada", workerId: "w", worker: "alpha", containerId: "c" },
  ],
  [
    "one that runs",
    { status: "running", createdMs: 1000, startedMs: 2001 },
    { status: "running", created: "1970-01-01T00:00:01.000Z", started: "1970-01-01T00:00:02.001Z" },
  ],
  [
    "one that has ended",
    {
      status: "failed",
      startedMs: 2000,
      finishedMs: 5500,
      completion: { ...emptyCompletion("failed", "oom", "too big"), exitCode: 0, checksum: "sum" },
    },
    {
      status: "failed",
      started: "1970-01-01T00:00:02.000Z",
      finished: "1970-01-01T00:00:05.500Z",
      ...{ durationMs: 3500, exitCode: 0, reason: "oom", message: "too big", checksum: "sum" },
      ...{ lastSeq: 0, lines: 0, bytes: 0 },
    },
  ],
  [
    "one that never began has no duration",
    { finishedMs: 5500 },
    { finished: "1970-01-01T00:00:05.500Z", durationMs: null },
  ],
  ["an end before the beginning is no duration", { startedMs: 2, finishedMs: 1 }, { durationMs: null }],
  ["a time that is no moment is null", { createdMs: 9e15 }, { created: null }],
  [
    "an adopted one",
    { adopted: { container: "shop/web", source: "", limits: ["a sentence"] } },
    { adopted: { container: "shop/web", source: null, limits: ["a sentence"] } },
  ],
])("a task as JSON - %s", (_what, task, expected) => {
  const json = toTaskJson(Task.fromPartial({ id: bare.id, status: "pending", ...task }));
  expect(json).toMatchObject(expected);
  expect(Object.keys(json).sort()).toEqual(Object.keys(bare).sort());
  const texts = Object.values(json).filter((value) => typeof value === "string");
  expect(texts).not.toContain("");
  if (Object.keys(task).length === 0) expect(json).toEqual(bare);
});

test("a task in full - nothing that was not asked for has a value, and no secret is shown", () => {
  const spec = { env: ["TOKEN=secret", "EMPTY="], webhooks: ["https://ci.example/hooks/secret?key=secret"] };
  const task = Task.fromPartial({ id: bare.id, status: "pending", spec });
  const nothing = { workdir: null, user: null, network: null, cpus: null, memoryBytes: null, gpus: null };
  expect(toTaskJsonInFull(task)).toEqual({
    ...bare,
    spec: {
      ...{ entrypoint: [], env: ["TOKEN", "EMPTY"], volumes: [], constraints: [], ...nothing },
      ...{ timeoutMs: null, stopTimeoutMs: null, pull: null, tty: false, keep: false, runtime: null },
      webhooks: ["https://ci.example/…"],
    },
  });
});

test("a completion has the fields of a task that ended, a worker keeps to the same rules", () => {
  const completion = { ...emptyCompletion("lost", "lost", "gone"), startedMs: 1, finishedMs: 3 };
  const { status, started, finished, durationMs, reason } = toCompletionJson(completion);
  expect([status, started, finished]).toEqual(["lost", toMoment(1), toMoment(3)]);
  expect([durationMs, reason]).toEqual([2, "lost"]);
  for (const name of Object.keys(toCompletionJson(completion))) expect(Object.keys(bare)).toContain(name);
  const worker = toWorkerJson(WorkerInfo.fromPartial({ id: "w", lastSeenMs: 1 }));
  expect(worker).toMatchObject({ engine: null, connectedSince: null, lastSeen: toMoment(1) });
});

test("story - the command line, the HTTP API and webhooks give the same JSON of the same tasks", async () => {
  await using receiver = await Receiver.start();
  await using home = await tempDir();
  await using m = await MasterFixture.start({
    http: { host: "127.0.0.1", port: 0 },
    builtins: {
      ws: async () => ({ default: ws as unknown as Plugin }),
      webhook: async () => ({ default: webhook as unknown as Plugin }),
    },
    plugins: [{ name: "ws" }, { name: "webhook" }],
    pluginOptions: {
      webhook: { "allow-hosts": "127.0.0.1", urls: receiver.url, events: "started,completed", lines: 0 },
    },
  });
  const worker = await m.worker();
  const pending = await m.submit({ name: "waits", constraints: ["zone=moon"], env: ["TOKEN=secret"] });
  const running = await m.running(worker, { name: "runs", labels: { team: "a" }, user: "1000" });
  const failed = await m.running(worker, { name: "fails", image: "alpine" });
  worker.task(failed.id).print("one", "two");
  worker
    .task(failed.id)
    .finish("failed", 137, { signal: "SIGKILL", reason: "oom", message: "out of memory" });
  await m.until(failed.id, ({ status }) => status === "failed");
  const adopted = newTaskId();
  worker.reports.set(
    TaskReport.fromPartial({
      taskId: adopted,
      status: "running",
      ...{ containerId: "c0ffee", startedMs: 1_795_628_021_123, createdMs: 1_795_628_021_123 },
      adopted: { container: "shop/web", source: "logs-api", limits: ["The API leaves lines out."] },
      spec: { name: "shop/web", image: "nginx", labels: { team: "shop" } },
    }),
  );
  await m.until(adopted, ({ status }) => status === "running");
  await until("the starts and the end are told", () => receiver.received.length === 4);

  const { host, port } = m.master.grpcAddress;
  const env = { PATH: process.env["PATH"] ?? "", HOME: home.path, TASKLOG_MASTER: `${host}:${port}` };
  const main = join(import.meta.dir, "../../../src/main.ts");
  const command = async (...args: string[]): Promise<TaskJson[]> => {
    const { stdout } = await new Child([process.execPath, main, ...args, "--json"], { cwd: home.path, env })
      .ended;
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  const http = async (path: string) =>
    (await fetch(`http://127.0.0.1:${m.master.httpAddress?.port}/api/v1${path}`)).json();

  const ids = [pending.id, running.id, failed.id, adopted];
  const listed = await command("ps");
  expect(listed.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  expect(((await http("/tasks")) as { tasks: TaskJson[] }).tasks).toEqual(listed);
  const inFull = await command("inspect", ...ids);
  for (const [index, id] of ids.entries()) {
    const one = listed.find((task) => task.id === id) as TaskJson;
    expect(await http(`/tasks/${id}`)).toEqual(inFull[index]);
    expect(inFull[index] as unknown).toEqual({ ...one, spec: expect.any(Object) });
    const called = receiver.received.map((_call, at) => receiver.event(at).data as Record<string, unknown>);
    const { link: _link, lastLines: _lines, ...data } = called.findLast((task) => task["id"] === id) ?? {};
    if (id === pending.id) expect(data).toEqual({});
    else expect(data as unknown).toEqual(one);
  }
  expect(listed.find(({ id }) => id === failed.id)).toMatchObject({
    ...{ name: "fails", status: "failed", exitCode: 137, signal: "SIGKILL", reason: "oom", lastSeq: 2 },
    detail: "out of memory",
  });
  expect(listed.find(({ id }) => id === adopted)).toMatchObject({
    ...{ user: null, created: "2026-11-25T17:33:41.123Z", durationMs: null, exitCode: null },
    adopted: { container: "shop/web", source: "logs-api", limits: ["The API leaves lines out."] },
  });
  const workers = (await command("workers")) as object[];
  // It is seen again between the two questions.
  expect(await http("/workers")).toEqual({
    workers: workers.map((one) => ({ ...one, lastSeen: expect.any(String) })),
  });
});
