// A worker's clock is another one than the master's: what is shown of its tasks is by the master's.
import { expect, test } from "bun:test";
import { MasterFixture } from "../master-fixture.ts";

const hourMs = 3_600_000;
const nearMs = 5000;

test.each([
  ["an hour ahead", hourMs],
  ["an hour behind", -hourMs],
  ["the same", 0],
])("a worker whose clock is %s", async (_, aheadMs) => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker({ aheadMs });
  const { id } = await fixture.submit();
  await fixture.until(id, ({ status }) => status === "starting" && worker.tasks.has(id));
  const task = worker.task(id);
  const theirMs = Date.now() + aheadMs;
  task.status("running", theirMs);
  const running = await fixture.until(id, ({ status }) => status === "running");
  expect(Math.abs(running.startedMs - (theirMs - aheadMs))).toBeLessThan(nearMs);
  task.finish("success", 0, { startedMs: theirMs, finishedMs: theirMs + 2000 });
  const ended = await fixture.until(id, ({ status }) => status === "success");
  expect(ended.finishedMs - ended.startedMs).toBe(2000);
  expect(Math.abs(ended.startedMs - (theirMs - aheadMs))).toBeLessThan(nearMs);
  expect(ended.completion?.startedMs).toBe(ended.startedMs);
});

test("the moments of a worker that does not tell its time are left as they are", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const { id } = await fixture.submit();
  await fixture.until(id, ({ status }) => status === "starting" && worker.tasks.has(id));
  const theirMs = Date.now() - hourMs;
  worker.task(id).status("running", theirMs);
  expect((await fixture.until(id, ({ status }) => status === "running")).startedMs).toBe(theirMs);
});
