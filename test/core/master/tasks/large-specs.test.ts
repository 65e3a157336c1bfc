import { expect, test } from "bun:test";
import { pendingTasksPerUserMax, specBytesMax } from "../../../../src/core/base/limits.ts";
import type { StoredTask } from "../../../../src/core/master/store/master-store.ts";
import { PendingBounds } from "../../../../src/core/master/tasks/pending-bounds.ts";
import { newTask } from "../../../../src/core/master/tasks/task-changes.ts";
import { taskSummary } from "../../../../src/core/master/tasks/task-summary.ts";
import { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { thrownBy } from "../../rpc/thrown-by.ts";
import { MasterFixture } from "../master-fixture.ts";

const large = {
  command: ["sh", "-c", "x".repeat(100_000)],
  env: ["TOKEN=secret", `LARGE=${"y".repeat(60_000)}`],
  volumes: ["/srv/secret:/data"],
  labels: { team: "a", big: "z".repeat(50_000) },
};

test("lists and events carry summaries, the task itself is whole, and the list is small", async () => {
  await using fixture = await MasterFixture.start();
  const ids: string[] = [];
  for (let count = 0; count < 60; count++) ids.unshift((await fixture.submit(large)).id);
  const tasks = await fixture.client.listTasks({});
  expect(tasks.map(({ id }) => id)).toEqual(ids);
  const text = JSON.stringify(tasks);
  expect(text.length).toBeLessThan(60 * 5000);
  expect(text).not.toContain("secret");
  expect(tasks[0]?.spec).toMatchObject({ env: ["TOKEN", "LARGE"], volumes: [], labels: { team: "a" } });
  expect((await fixture.client.getTask(ids[0] as string)).spec).toMatchObject(large);
  const page = await fixture.client.listTasks({ limit: 55, before: ids[2] as string });
  expect(page.map(({ id }) => id)).toEqual(ids.slice(3, 58));
});

test("a specification that is too large is refused with a sentence, and so are too many webhooks", async () => {
  await using fixture = await MasterFixture.start();
  const command = Array.from({ length: 3 }, () => "x".repeat(specBytesMax / 3));
  expect(await thrownBy(fixture.submit({ command }))).toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/the task's specification has 257 KiB; at most 256 KiB are taken/),
  });
  const webhooks = Array.from({ length: 17 }, (_, index) => `https://a.example/${index}`);
  expect(await thrownBy(fixture.submit({ webhooks }))).toMatchObject({ code: "invalid" });
});

test("a summary is small whatever is in the task", () => {
  const texts = Array.from({ length: 9000 }, (_, index) => `KEY${index}=${index}`);
  const labels = Object.fromEntries(texts.map((text) => [text, text]));
  const spec = TaskSpec.fromPartial({
    command: texts,
    env: texts,
    entrypoint: texts,
    volumes: texts,
    labels,
    constraints: texts,
  });
  const task = { ...newTask(spec, "ada", ""), detail: "d".repeat(1e6) } as StoredTask;
  expect(JSON.stringify(taskSummary(task)).length).toBeLessThan(20_000);
  expect(taskSummary(task).spec).toBe(taskSummary({ ...task, status: "running" }).spec);
});

test("tasks that wait are bounded for each user and in all, and make room when they wait no more", () => {
  const bounds = new PendingBounds();
  const spec = TaskSpec.fromPartial({});
  const tasks = Array.from({ length: pendingTasksPerUserMax }, () => newTask(spec, "ada", ""));
  for (const task of tasks) bounds.note(task);
  expect(() => bounds.require(newTask(spec, "ada", ""))).toThrow(/15000 tasks of this user wait/);
  bounds.require(newTask(spec, "bob", ""));
  bounds.note({ ...(tasks[0] as StoredTask), status: "starting" });
  bounds.require(newTask(spec, "ada", ""));
  const wide = TaskSpec.fromPartial({ command: ["x".repeat(250_000)] });
  for (let count = 0; count < 1100; count++) bounds.note(newTask(wide, "eve", ""));
  expect(() => bounds.require(newTask(wide, "bob", ""))).toThrow(/tasks wait to be started already/);
});
