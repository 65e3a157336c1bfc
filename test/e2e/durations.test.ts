// Durations: of any length, and measured by a clock that nobody sets.
import { beforeAll, describe, expect, test } from "bun:test";
import { clockEnv, installClock, setClock } from "../faults/clock.ts";
import { image, Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

const everyRuntime = ["--runtime", "docker,process"];
const runtimes = ["docker", "process"];

/** Where `script` runs: in a container, or as a process. */
const place = (runtime: string) => (runtime === "docker" ? [image] : ["--runtime", "process"]);

describe("longer than the 24.8 days that a timer of JavaScript holds", () => {
  test.each(runtimes)("--stop-timeout 25d leaves a %s task its time to end", async (runtime) => {
    await using t = await Tasklog.create();
    await t.up(...everyRuntime, "--retain-every", "30d", "--lost-after", "30d");
    const script = "trap 'sleep 1; echo well; exit 7' TERM; echo ready; while :; do sleep 0.1; done";
    const run = t.start(["run", "--stop-timeout", "25d", ...place(runtime), "--", "sh", "-c", script]);
    await until("it has set its trap", () => run.stdout.includes("ready"));
    const [task] = await t.tasks();
    await t.run("cancel", task?.id ?? "");
    expect(await run.ended).toMatchObject({ code: 7, stdout: "ready\nwell\n" });
  });

  test("--timeout 30d does not end a task, and --lost-after 30d does not lose it at once", async () => {
    await using t = await Tasklog.create();
    await t.master("--lost-after", "30d");
    const worker = t.worker("w");
    await t.untilWorkers(1);
    const id = await t.submit("sleep 600", "--timeout", "30d");
    await t.untilStatus(id, "running");
    await worker.stop("SIGKILL");
    await until("its worker counts as away", async () => {
      const [known] = await t.json<{ connected: boolean }>("workers");
      return known?.connected === false;
    });
    expect((await t.tasks())[0]).toMatchObject({ id, status: "running" });
    t.worker("w");
    await t.untilWorkers(1);
    expect((await t.tasks())[0]).toMatchObject({ id, status: "running" });
  });
});

/** The shell of a container takes no SIGTERM. */
const quick = ["--timeout", "4s", "--stop-timeout", "1s"];

/** A tasklog whose clock is set by `set`, in seconds; its commands have the ordinary one. */
async function withClock() {
  const t = await Tasklog.create();
  const file = t.path("clock");
  const set = (offsetSeconds: number) => setClock({ file }, offsetSeconds);
  const fake = clockEnv({ file });
  await set(0);
  const up = async (...flags: string[]) => {
    Object.assign(t.env, fake);
    const starting = t.serve([
      "up",
      "--grpc",
      t.grpc,
      "--http",
      t.http,
      "--data-dir",
      t.path("up"),
      ...flags,
    ]);
    for (const name of Object.keys(fake)) delete t.env[name];
    await t.untilWorkers(1, starting);
    return starting;
  };
  return { t, up, set, [Symbol.asyncDispose]: () => t[Symbol.asyncDispose]() };
}

describe("a wall clock that is set", () => {
  beforeAll(installClock);

  test.each([
    ["docker", -3600],
    ["docker", 3600],
    ["process", -3600],
    ["process", 3600],
  ])(
    "a %s task with --timeout 4s ends after 4 s, also when the clock is set by %d s",
    async (runtime, by) => {
      await using clock = await withClock();
      const { t } = clock;
      await clock.up(...everyRuntime);
      const run = t.start(["run", ...quick, ...place(runtime), "--", "sh", "-c", "echo on; sleep 60"]);
      await until("it runs", () => run.stdout === "on\n");
      const begun = performance.now();
      await clock.set(by);
      expect((await run.ended).code).toBe(124);
      const tookMs = performance.now() - begun;
      expect(tookMs).toBeGreaterThan(2000);
      expect(tookMs).toBeLessThan(40_000);
    },
  );

  test("a restart of the worker in between does not matter either", async () => {
    await using clock = await withClock();
    const { t } = clock;
    const first = await clock.up();
    const id = await t.submit("sleep 60", "--timeout", "8s", "--stop-timeout", "1s");
    await t.untilStatus(id, "running");
    await clock.set(-3600);
    await first.stop("SIGKILL");
    await clock.up();
    expect(await t.untilStatus(id, "failed")).toMatchObject({ reason: "timeout" });
  });
});
