import { expect, test } from "bun:test";
import { connect } from "node:net";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { tasksPageMax } from "../../../src/core/base/limits.ts";
import { silentLogger } from "../../../src/core/base/logger.ts";
import { startMaster } from "../../../src/core/master/master.ts";
import { emptyCompletion } from "../../../src/core/master/tasks/task-completions.ts";
import type { Task } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { until } from "../../helpers/until.ts";
import { thrownBy } from "../rpc/thrown-by.ts";
import { MasterFixture } from "./master-fixture.ts";

test("queue - tasks wait for a free slot in the order of their submission, and go to the least loaded", async () => {
  await using fixture = await MasterFixture.start();
  const tasks: Task[] = [];
  for (let count = 0; count < 6; count++) tasks.push(await fixture.submit());
  const one = await fixture.worker({ info: { slots: 1 } });
  await until("the first is there", () => one.tasks.size === 1);
  expect([...one.tasks.keys()]).toEqual([tasks[0]?.id as string]);
  await fixture.until(tasks[1]?.id as string, ({ detail }) =>
    /all 1 that worker one has are taken/.test(detail),
  );
  const two = await fixture.worker({ info: { id: "worker-2", name: "two", slots: 4 } });
  await until("four more are there", () => two.tasks.size === 4);
  expect([...two.tasks.keys()]).toEqual(tasks.slice(1, 5).map(({ id }) => id));
  one.task(tasks[0]?.id as string).finish();
  await until("the last has the free slot", () => one.tasks.has(tasks[5]?.id as string));
  const workers = await fixture.client.listWorkers();
  expect(workers.map(({ name, running }) => [name, running])).toEqual([
    ["one", 1],
    ["two", 4],
  ]);
});

test("constraints - a task goes where they are met, and does not hold up others", async () => {
  await using fixture = await MasterFixture.start();
  const gpu = await fixture.submit({ constraints: ["gpu=yes", "zone!=b"] });
  const named = await fixture.submit({ constraints: ["name=two"] });
  const image = await fixture.submit({ image: "busybox", runtime: "docker" });
  const one = await fixture.worker();
  const free = await fixture.submit();
  await until("the free one runs", () => one.tasks.has(free.id));
  await fixture.until(gpu.id, ({ detail }) => detail === "waits for a worker that meets gpu=yes, zone!=b");
  await fixture.until(image.id, ({ detail }) => detail === "waits for a worker with the docker runtime");
  const two = await fixture.worker({
    info: { id: "worker-2", name: "two", labels: { gpu: "yes", zone: "a" } },
  });
  await until("both are at two", () => two.tasks.has(gpu.id) && two.tasks.has(named.id));
});

test("submit - what cannot be meant is refused with one sentence, and a repeated request is one task", async () => {
  await using fixture = await MasterFixture.start();
  const refused = async (spec: Parameters<MasterFixture["submit"]>[0], words: RegExp) => {
    expect(await thrownBy(fixture.submit(spec))).toMatchObject({
      code: "invalid",
      message: expect.stringMatching(words),
    });
  };
  await refused({ cpus: -1 }, /-1 is no number of CPUs/);
  await refused({ cpus: Number.NaN }, /no number of CPUs/);
  await refused({ memoryBytes: 1000 }, /at least 6m/);
  await refused({ constraints: ["gpu"] }, /"gpu" cannot be read/);
  await refused({ constraints: ["a==b"] }, /"a==b" cannot be read/);
  await refused({ name: "a b" }, /"a b" cannot be used/);
  await refused({ name: "task-abcdefghijkl" }, /looks like the id/);
  await refused({ image: "", runtime: "docker" }, /names no image/);
  await refused({ command: [], image: "" }, /neither an image nor a command/);
  await refused({ env: ["=A"] }, /"=A" has no name/);
  await refused({ pull: "often" }, /always, missing or never/);
  await refused({ runtime: "vm" }, /no runtime "vm"/);
  await refused({ labels: { "dev.tasklog.task": "x" } }, /dev.tasklog/);
  await refused({ command: ["a\0b"] }, /NUL/);
  expect(await fixture.client.listTasks()).toEqual([]);

  const [a, b] = await Promise.all([fixture.submit({}, "same"), fixture.submit({}, "same")]);
  expect(a.id).toBe(b.id);
  expect(a.userId).toBe("ada");
  await fixture.submit({ name: "mine" });
  expect(await thrownBy(fixture.submit({ name: "mine" }))).toMatchObject({ code: "already_exists" });
});

test("references - an id, a name, and a prefix with or without task-; an ambiguous one lists its candidates", async () => {
  await using fixture = await MasterFixture.start();
  const ids = [];
  for (let count = 0; count < 40; count++)
    ids.push((await fixture.submit(count === 0 ? { name: "first" } : {})).id);
  const [id] = ids as [string];
  const { client } = fixture;
  for (const ref of [id, "first", id.slice("task-".length), id.slice(0, -1)])
    expect((await client.getTask(ref)).id).toBe(id);
  expect(await thrownBy(client.getTask("task-"))).toMatchObject({
    code: "ambiguous",
    message: expect.stringMatching(/^task- could be (task-\S+( \(first\))?, ){5}…; give more of the id$/),
  });
  expect(await thrownBy(client.getTask(""))).toMatchObject({ code: "not_found" });
  expect(await thrownBy(client.getTask("nobody"))).toMatchObject({
    code: "not_found",
    message: expect.stringContaining("nobody"),
  });
  const letters = ids.map((each) => each["task-".length] as string);
  const shared = letters.find((letter, index) => letters.indexOf(letter) !== index) as string; // 40 ids, 32 letters
  expect(await thrownBy(client.getTask(shared))).toMatchObject({
    code: "ambiguous",
    message: expect.stringMatching(/could be task-/),
  });
});

test("restart - pending tasks stay pending and in order, running ones are known again", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker({ info: { slots: 1 } });
  const running = await fixture.running(worker);
  const waiting = [await fixture.submit(), await fixture.submit(), await fixture.submit()];
  await fixture.restart();
  expect((await fixture.client.listTasks({ status: ["pending"] })).map(({ id }) => id)).toEqual(
    waiting.map(({ id }) => id).reverse(),
  );
  await until("the worker is back", async () => (await fixture.client.listWorkers())[0]?.connected);
  expect((await fixture.client.getTask(running.id)).status).toBe("running");
  worker.task(running.id).finish("failed", 7);
  await fixture.until(
    running.id,
    ({ status, completion }) => status === "failed" && completion?.exitCode === 7,
  );
  for (const { id } of waiting) {
    await until(`${id} is next`, () => worker.tasks.has(id));
    worker.task(id).finish();
  }
  expect(worker.calls.filter((call) => call.startsWith("start"))).toHaveLength(4);
});

test("restart - what ended while the master was away is learned from the worker", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  await fixture.restart(async () => {
    worker.task(task.id).print("line 1");
    worker.task(task.id).finish("failed", 5);
  });
  await fixture.until(task.id, ({ status, completion }) => status === "failed" && completion?.exitCode === 5);
});

test("a worker that does not know its tasks any more makes them lost, with a sentence", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  await worker[Symbol.asyncDispose]();
  await fixture.worker();
  const lost = await fixture.until(task.id, ({ status }) => status === "lost");
  expect(lost.completion).toMatchObject({
    reason: "lost",
    message: expect.stringMatching(/does not know the task any more/),
  });
});

test("a worker that stays away makes its tasks lost, its return makes them what they really are", async () => {
  await using fixture = await MasterFixture.start({ lostAfterMs: 200 });
  const worker = await fixture.worker();
  const [runs, ended] = [await fixture.running(worker), await fixture.running(worker)];
  await worker[Symbol.asyncDispose]();
  await fixture.until(
    runs.id,
    ({ status, detail }) => status === "lost" && /away for more than/.test(detail),
  );
  await fixture.until(ended.id, ({ status }) => status === "lost");
  worker.task(ended.id).finish("failed", 4);
  const back = await fixture.worker({ tasks: worker.tasks, reports: worker.reports });
  const again = await fixture.until(runs.id, ({ status }) => status === "running");
  expect(again).toMatchObject({ finishedMs: 0 });
  expect(again.completion).toBeUndefined();
  await fixture.until(
    ended.id,
    ({ status, completion }) => status === "failed" && completion?.exitCode === 4,
  );
  back.task(runs.id).finish();
  await fixture.until(runs.id, ({ status }) => status === "success");
});

test("a master that comes up waits for its workers before it gives their tasks up for lost", async () => {
  await using fixture = await MasterFixture.start({ lostAfterMs: 300 });
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  await fixture.restart(() => worker[Symbol.asyncDispose]());
  expect((await fixture.client.getTask(task.id)).status).toBe("running");
  await fixture.until(task.id, ({ status }) => status === "lost");
});

test("cancel - a pending task is cancelled at once, a running one when its worker says so", async () => {
  await using fixture = await MasterFixture.start();
  const pending = await fixture.submit();
  expect(await fixture.client.cancelTask({ task: pending.id })).toMatchObject({ status: "cancelled" });
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  expect(await fixture.client.cancelTask({ task: task.id })).toMatchObject({
    status: "running",
    cancelRequested: true,
  });
  await until("the worker is asked", () => worker.calls.includes(`stop ${task.id}`));
  await fixture.client.cancelTask({ task: task.id, force: true });
  await until("and pressed", () => worker.calls.includes(`stop ${task.id} force`));
  worker.task(task.id).finish("cancelled", 137);
  await fixture.until(task.id, ({ status }) => status === "cancelled");
  expect(await fixture.client.cancelTask({ task: task.id })).toMatchObject({ status: "cancelled" });
  expect(worker.tasks.has(pending.id)).toBe(false);
});

test("cancel - is remembered while the worker and the master are away", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  await worker[Symbol.asyncDispose]();
  await fixture.client.cancelTask({ task: task.id });
  await fixture.restart();
  expect((await fixture.client.getTask(task.id)).cancelRequested).toBe(true);
  const back = await fixture.worker({ tasks: worker.tasks, reports: worker.reports });
  await until("the worker is asked", () => back.calls.includes(`stop ${task.id}`));
});

test("a start that the worker refuses fails the task with the worker's sentence", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  worker.refusal = new TasklogError("invalid", "this worker has no runtime vm");
  const task = await fixture.submit();
  const failed = await fixture.until(task.id, ({ status }) => status === "failed");
  expect(failed.completion).toMatchObject({ message: "this worker has no runtime vm", exitCode: 125 });
});

test("a start that did not arrive is sent again until it has", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  worker.refusal = new TasklogError("unavailable", "not now");
  const task = await fixture.submit();
  await until(
    "it was tried twice",
    () => worker.calls.filter((call) => call === `start ${task.id}`).length >= 2,
  );
  expect((await fixture.client.getTask(task.id)).status).toBe("starting");
  worker.refusal = undefined;
  await until("it is there", () => worker.tasks.has(task.id));
});

test("two workers of one name or id - the later one is told why it is not wanted", async () => {
  await using fixture = await MasterFixture.start();
  await fixture.worker();
  const sameName = await fixture.worker({ info: { id: "worker-2" } });
  expect(sameName.dismissed?.message).toMatch(/another worker named one/);
  const sameId = await fixture.worker({ info: { name: "other" } });
  await until("it is dismissed", () => sameId.dismissed !== undefined);
  expect(sameId.dismissed?.message).toMatch(/data folder copied/);
  expect((await fixture.client.listWorkers()).map(({ name }) => name)).toEqual(["one"]);
});

test("what a worker reports that cannot be is left out: the task goes on, and the master answers", async () => {
  const said: string[] = [];
  const say = (message: string): void => void said.push(message);
  await using fixture = await MasterFixture.start({ logger: { ...silentLogger, warn: say, debug: say } });
  const worker = await fixture.worker();
  const { id } = await fixture.running(worker);
  said.length = 0;
  const task = worker.task(id);
  const changes = [
    { status: "unspecified" },
    { status: "success", completion: undefined },
    { status: "success", completion: emptyCompletion("running", "", "") },
  ] as const;
  for (const [told, change] of changes.entries()) {
    worker.reports.set({ ...task.report, ...change });
    await until("it is told", () => said.length > told);
  }
  worker.reports.set({ ...task.report, startedMs: 9e15 });
  expect(said[0]).toMatch(/worker one sent an invalid report, which is ignored/);
  expect((await fixture.client.getTask(id)).status).toBe("running");
  expect(new Date((await fixture.client.getTask(id)).startedMs).toISOString()).toMatch(/^20/);
  task.finish();
  await fixture.until(id, ({ status }) => status === "success");
});

test("bad beginnings - a folder or a port in use, an address beyond loopback", async () => {
  await using fixture = await MasterFixture.start();
  const loopback = { host: "127.0.0.1", port: 0 };
  const options = { grpc: loopback, dataDir: `${fixture.dataDir}-2`, logger: silentLogger };
  expect(await thrownBy(startMaster({ ...options, dataDir: fixture.dataDir }))).toMatchObject({
    code: "busy",
    message: expect.stringContaining(fixture.dataDir),
  });
  expect(await thrownBy(startMaster({ ...options, grpc: fixture.master.grpcAddress }))).toMatchObject({
    code: "busy",
  });
  expect(await thrownBy(startMaster({ ...options, http: fixture.master.grpcAddress }))).toMatchObject({
    code: "busy",
  });
  expect(await thrownBy(startMaster({ ...options, grpc: { host: "0.0.0.0", port: 0 } }))).toMatchObject({
    code: "not_permitted",
  });
  // What failed has left the folder free.
  await (await startMaster(options)).close();
});

test("garbage on the gRPC port harms nobody", async () => {
  await using fixture = await MasterFixture.start();
  const { host, port } = fixture.master.grpcAddress;
  const closed = await new Promise<string>((resolve) => {
    let text = "";
    const socket = connect(port, host, () => socket.write("\u0000\u0001 what is this\r\n\r\n"));
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("close", () => resolve(text));
  });
  expect(closed).toMatch(/tasklog/);
  expect(await fixture.client.listTasks()).toEqual([]);
});

test("info - a client learns what the master is", async () => {
  await using fixture = await MasterFixture.start({ http: { host: "127.0.0.1", port: 0 } });
  const info = await fixture.client.getInfo();
  expect(info).toMatchObject({ masterId: fixture.master.masterId, protocol: 1, plugins: [] });
  expect(info.httpAddress).toBe(`127.0.0.1:${fixture.master.httpAddress?.port}`);
});

test("lists - more tasks than one answer holds come over several pages, each once, newest first", async () => {
  await using fixture = await MasterFixture.start();
  const count = tasksPageMax + 5;
  for (let nth = 0; nth < count; nth += 5) {
    await Promise.all(Array.from({ length: 5 }, () => fixture.submit({})));
  }
  const all = await fixture.client.listTasks();
  expect(new Set(all.map(({ id }) => id)).size).toBe(count);
  expect(all.map(({ createdMs }) => createdMs)).toEqual(
    all.map(({ createdMs }) => createdMs).sort((a, b) => b - a),
  );
  expect(await fixture.client.listTasks({ limit: tasksPageMax + 2 })).toEqual(all.slice(0, tasksPageMax + 2));
}, 60_000);
