// Image pulls: their progress on a terminal, and what becomes of a task when the image or the engine is not there.
// The registry is one of the test's own on loopback; nothing comes from outside.
import { expect, test } from "bun:test";
import { useEngine } from "../helpers/engine.ts";
import { startRegistry } from "../helpers/registry.ts";
import { startTasklog, Tasklog } from "../helpers/tasklog.ts";
import { startTcpProxy } from "../helpers/tcp-proxy.ts";
import { until } from "../helpers/until.ts";

const engine = await useEngine();

test("a pull shows its progress on a terminal, then the task runs", async () => {
  await using registry = await startRegistry({ everyMs: 100 });
  await using t = await startTasklog();
  await using run = t.terminal(["run", registry.image, "--", "echo", "it runs"]);
  await run.shows(/\d+ ?%|█/);
  await run.shows("it runs");
  expect(await run.exitCode()).toBe(0);
  await t.engine(`/images/${registry.image}?force=1`, "DELETE");
});

test("in a pipe a pull leaves stdout to the task", async () => {
  await using registry = await startRegistry();
  await using t = await startTasklog();
  const { code, stdout } = await t.run("run", "--pull", "always", registry.image, "--", "echo", "it runs");
  expect([code, stdout]).toEqual([0, "it runs\n"]);
  await t.engine(`/images/${registry.image}?force=1`, "DELETE");
});

test("cancel in the middle of a pull ends the task, and completes it", async () => {
  await using registry = await startRegistry({ everyMs: 500 });
  await using t = await startTasklog();
  const id = await t.submitImage(registry.image, "true");
  await until("the pull has begun", registry.fetching);
  expect((await t.run("cancel", id)).code).toBe(0);
  await t.untilStatus(id, "cancelled");
  expect((await t.run("monitor", id)).stdout).toBe("");
});

test("an image that does not exist is one sentence, and 125", async () => {
  await using registry = await startRegistry();
  await using t = await startTasklog();
  const absent = registry.image.replace("/image:1", "/absent:1");
  const { code, stderr } = await t.run("run", absent, "--", "true");
  expect(code).toBe(125);
  expect(stderr).toContain(absent);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});

test("an engine that goes away in the middle of a pull is waited for, which is one sentence; Ctrl-C ends it", async () => {
  await using registry = await startRegistry({ everyMs: 500 });
  await using proxy = await startTcpProxy(engine.replace(/^(unix|tcp):\/\//, ""));
  await using t = await Tasklog.create();
  t.env["DOCKER_HOST"] = `tcp://${proxy.address}`;
  await t.up();
  const run = t.start(["run", registry.image, "--", "true"]);
  await until("the pull has begun", registry.fetching);
  await proxy.close();
  await run.says(/engine.*; waiting for it/);
  expect(await t.tasks()).toMatchObject([
    { status: "starting", detail: expect.stringMatching(/waiting for it$/) },
  ]);
  const { code, stderr } = await run.stop("SIGINT");
  expect(code).toBe(143);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(await t.tasks()).toMatchObject([{ status: "cancelled" }]);
});

test("no engine - up starts all the same, and a task is told what to do", async () => {
  await using t = await Tasklog.create();
  t.env["DOCKER_HOST"] = `unix://${t.path("no.sock")}`;
  await t.up();
  const { code, stderr } = await t.run("run", "busybox", "--", "true");
  expect(code).toBe(125);
  expect(stderr).toMatch(/engine|docker/i);
  expect(stderr.trim().split("\n")).toHaveLength(1);
});
