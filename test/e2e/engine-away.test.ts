// A user's view of an engine that is away while a task is to be started: told what is waited for, and then it runs.
import { expect, test } from "bun:test";
import { BreakingEngine } from "../helpers/breaking-engine.ts";
import { useEngine } from "../helpers/engine.ts";
import { image, Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

async function setUp() {
  const t = await Tasklog.create();
  const way = await BreakingEngine.start(t.path("engine.sock"), await useEngine());
  t.env["DOCKER_HOST"] = way.host;
  await t.up();
  return { t, way };
}

test("a task waits for the engine, says so, and runs once the engine is back", async () => {
  const { t: opened, way } = await setUp();
  await using t = opened;
  await using _way = way;
  way.break();
  const run = t.start(["run", "--network", "none", image, "--", "sh", "-c", "echo one; exit 3"]);
  await run.says("no Docker engine answers at");
  await run.says("waiting for it");
  const [task] = await t.tasks();
  expect(task).toMatchObject({ status: "starting", detail: expect.stringContaining("; waiting for it") });
  await way.mend();
  const { code, stdout, stderr } = await run.ended;
  expect([code, stdout]).toEqual([3, "one\n"]);
  expect(stderr).toContain("that is over, it goes on");
});

test("cancel ends a task that waits for the engine at once", async () => {
  const { t: opened, way } = await setUp();
  await using t = opened;
  await using _way = way;
  way.break();
  const id = await t.submit("echo one");
  await until("it waits", async () => (await t.tasks())[0]?.detail?.includes("waiting for it"));
  expect((await t.run("cancel", id)).code).toBe(0);
  expect(await t.untilStatus(id, "cancelled")).toMatchObject({ reason: "cancelled" });
  expect(way.isBroken).toBe(true);
  await way.mend();
});
