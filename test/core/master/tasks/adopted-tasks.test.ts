// Tasks that nobody submitted: a worker adopts containers, and the master learns of their runs from its reports.
import { expect, test } from "bun:test";
import type { TasklogError } from "../../../../src/core/base/errors.ts";
import { newTaskId } from "../../../../src/core/master/tasks/task-ids.ts";
import type { Plugin, PluginHost } from "../../../../src/core/plugin-api.ts";
import { definePlugin, type Task } from "../../../../src/core/plugin-api.ts";
import { type DeepPartial, TaskReport } from "../../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import { thrownBy } from "../../rpc/thrown-by.ts";
import { MasterFixture } from "../master-fixture.ts";
import type { TestWorker } from "../test-worker.ts";

/** What a worker reports of a run that it follows. Gives the id. */
function adopt(worker: TestWorker, name: string, change: DeepPartial<TaskReport> = {}): string {
  const id = newTaskId();
  worker.reports.set(
    TaskReport.fromPartial({
      taskId: id,
      status: "running",
      containerId: `${id}-container`,
      startedMs: 1_795_628_021_000,
      createdMs: 1_795_628_021_000,
      adopted: { container: name, source: "log-file", limits: [] },
      spec: { name, image: "nginx", labels: { team: "shop" }, keep: true },
      ...change,
    }),
  );
  return id;
}

const refusalOf = async (call: Promise<unknown>) => (await thrownBy(call)) as TasklogError;

test("a reported run is a task: it runs, takes no slot, and cannot be cancelled", async () => {
  await using m = await MasterFixture.start();
  const worker = await m.worker({ info: { slots: 1 } });
  const id = adopt(worker, "shop/web");
  const task = await m.until(id, ({ status }) => status === "running");
  expect(task).toMatchObject({
    spec: { name: "shop/web", image: "nginx" },
    workerName: "one",
    createdMs: 1_795_628_021_000,
    adopted: { container: "shop/web", source: "log-file" },
  });
  expect((await m.client.listTasks({ labels: ["team=shop"] })).map((each) => each.id)).toEqual([id]);
  const own = await m.running(worker);
  expect((await m.client.listWorkers())[0]).toMatchObject({ slots: 1, running: 1 });
  const error = await refusalOf(m.client.cancelTask({ task: "shop/web" }));
  expect(error).toMatchObject({
    code: "not_permitted",
    message: "shop/web is an adopted container, which tasklog never touches: docker stop shop/web",
  });
  expect(worker.calls).toEqual([`start ${own.id}`]);
});

test("a plugin runs a task again, and cannot do so with an adopted container", async () => {
  const hosts: PluginHost[] = [];
  const runner = definePlugin({
    name: "runner",
    description: "",
    options: {},
    async start(host) {
      hosts.push(host as unknown as PluginHost);
      return { async [Symbol.asyncDispose]() {} };
    },
  });
  await using m = await MasterFixture.start({ plugins: [runner as unknown as Plugin] });
  const worker = await m.worker();
  const { id } = await m.running(worker, { command: ["echo", "hello"], labels: { team: "a" } });
  const before = (await m.client.getTask(id)) as Task;
  const again = await hosts[0]?.tasks.runAgain(id, "ada");
  expect(again).toMatchObject({ spec: before.spec ?? {}, userId: "ada" });
  expect(again?.id).not.toBe(id);
  await m.until(adopt(worker, "web"), ({ status }) => status === "running");
  const error = await refusalOf(hosts[0]?.tasks.runAgain("web", "ada") ?? Promise.resolve());
  expect(error).toMatchObject({ code: "not_permitted" });
  expect(error.message).toContain("docker start web");
});

test("a name that is taken costs neither the container nor the task that had it", async () => {
  await using m = await MasterFixture.start();
  const worker = await m.worker({ info: { name: "alpha" } });
  await m.running(worker, { name: "web" });
  const ids = [1, 2].map(() => adopt(worker, "web"));
  for (const id of ids) await m.until(id, ({ status }) => status === "running");
  const names = (await m.client.listTasks()).map(({ spec }) => spec?.name);
  expect(names).toEqual([`web@${ids[1]?.slice(0, 12)}`, "web@alpha", "web"]);
  expect((await refusalOf(m.submit({ name: "web@alpha" }))).code).toBe("invalid");
  const taken = await refusalOf(m.submit({ name: "web" }));
  expect(taken.message).toContain("or cancel that task first");
});

test("a name that a container has is refused without the advice to cancel it", async () => {
  await using m = await MasterFixture.start();
  const worker = await m.worker();
  await m.until(adopt(worker, "web"), ({ status }) => status === "running");
  const { message } = await refusalOf(m.submit({ name: "web" }));
  expect(message).toMatch(/^the name web is used by task-\w+, which is running; choose another name$/);
});

test("--previous is the run of the same name before that one, and it is said where there is none", async () => {
  await using m = await MasterFixture.start();
  const worker = await m.worker();
  const completion = { status: "failed" as const, exitCode: 3, startedMs: 1, finishedMs: 2 };
  const ids: string[] = [];
  for (const status of ["failed", "failed", "running"] as const) {
    ids.push(adopt(worker, "web", status === "failed" ? { status, completion } : { status }));
    await m.until(ids.at(-1) as string, (task) => task.status === status);
  }
  const [first, second, third] = ids as [string, string, string];
  const back = async (ref: string, previous: number) => (await m.client.getTask(ref, undefined, previous)).id;
  expect([await back("web", 0), await back("web", 1), await back("web", 2)]).toEqual([third, second, first]);
  expect(await back(second, 1)).toBe(first);
  expect((await refusalOf(back("web", 3))).message).toContain("there is no 3. run of web before");
  expect((await refusalOf(back(first, 1))).message).toStartWith(`there is no run of web before ${first}`);
  const { id } = await m.submit();
  expect((await refusalOf(back(id, 1))).message).toContain("has no name");
});

test("a worker that reports a task without a specification does not make one", async () => {
  await using m = await MasterFixture.start();
  const worker = await m.worker();
  const id = newTaskId();
  worker.reports.set(TaskReport.fromPartial({ taskId: id, status: "running" }));
  await m.until(adopt(worker, "web"), ({ status }) => status === "running");
  expect((await refusalOf(m.client.getTask(id))).code).toBe("not_found");
  worker.reports.set(TaskReport.fromPartial({ taskId: "../x", spec: {}, adopted: { container: "x" } }));
  await m.until(adopt(worker, "db"), ({ status }) => status === "running");
  expect(await m.client.listTasks()).toHaveLength(2);
});

test("it outlives a restart of the master, with where its lines come from", async () => {
  await using m = await MasterFixture.start();
  const worker = await m.worker();
  const id = adopt(worker, "web");
  await m.until(id, ({ status }) => status === "running");
  await m.restart();
  expect(await m.client.getTask(id)).toMatchObject({ adopted: { container: "web", source: "log-file" } });
});
