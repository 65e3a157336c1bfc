// `tasklog monitor`: on a terminal, in a pipe, several at once, of what runs, has run, or will run.
import { afterAll, describe, expect, test } from "bun:test";
import { startTasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

const t = await startTasklog();
afterAll(() => t.close());

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => String(from + n));
const linesOf = (text: string) => text.split("\n").slice(0, -1);

/** A finished task that printed 1 to 2000 and left with 6. */
const counted = await t.submit("seq 2000; exit 6", "--name", "counted");
await t.untilStatus(counted, "failed");

describe("on a terminal", () => {
  test("banner, lines as they come, completion box, the task's exit code", async () => {
    const id = await t.submit("echo Starting; sleep 1; echo Complete; exit 4");
    await using monitor = t.terminal(["monitor", id]);
    await monitor.shows("TASK MONITOR - Live Logs");
    await monitor.shows(`Task ID: ${id}`);
    await monitor.shows(/User ID: \S+/);
    await monitor.shows("Press any key to exit");
    await monitor.shows("Complete");
    await monitor.shows("Task Completed - Status: failed");
    expect(await monitor.exitCode()).toBe(4);
    expect(monitor.screen).toMatch(/═{20,}/);
    expect(monitor.screen.indexOf("Starting")).toBeLessThan(monitor.screen.indexOf("Complete"));
  });

  test.each([
    ["q", "a key"],
    [" ", "the space bar"],
    ["\r", "return"],
    ["\x1b", "escape"],
    ["\x03", "Ctrl-C"],
  ])("%j leaves without touching the task (%s)", async (key) => {
    const id = await t.submit("while :; do echo tick; sleep 0.2; done");
    await using monitor = t.terminal(["monitor", id]);
    await monitor.shows("tick");
    monitor.type(key);
    expect([0, 130]).toContain(await monitor.exitCode(5000));
    expect((await t.untilStatus(id, "running", "failed")).status).toBe("running");
    await t.run("cancel", "--force", id);
  });

  test("a narrow terminal is not overrun by the banner", async () => {
    await using monitor = t.terminal(["monitor", counted, "--tail", "1"], { columns: 40 });
    expect(await monitor.exitCode()).toBe(6);
    const banner = monitor.screen.split("\n").filter((line) => /[═─]/.test(line));
    expect(Math.max(...banner.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  test("NO_COLOR is obeyed", async () => {
    await using monitor = t.terminal(["monitor", counted, "--tail", "1"], { env: { NO_COLOR: "1" } });
    await monitor.exitCode();
    expect(monitor.raw).not.toMatch(/\u001b\[[0-9;]*[1-9]m/);
  });
});

describe("in a pipe", () => {
  test("only the lines, the last 1000 of them, and the exit code", async () => {
    expect(await t.run("monitor", counted)).toEqual({
      code: 6,
      stdout: `${numbers(1001, 2000).join("\n")}\n`,
      stderr: "",
    });
  });

  test("--tail N, --tail 0 and --tail all", async () => {
    expect(linesOf((await t.run("monitor", counted, "--tail", "3")).stdout)).toEqual(numbers(1998, 2000));
    expect((await t.run("monitor", counted, "--tail", "0")).stdout).toBe("");
    expect(linesOf((await t.run("monitor", counted, "--tail", "all")).stdout)).toEqual(numbers(1, 2000));
  });

  test("--from-seq N begins with that line", async () => {
    expect(linesOf((await t.run("monitor", counted, "--from-seq", "1990")).stdout)).toEqual(
      numbers(1990, 2000),
    );
  });

  test("--no-follow leaves while the task runs", async () => {
    const id = await t.submit("echo there; while :; do sleep 0.2; done");
    await until(
      "the line is there",
      async () => (await t.run("monitor", "--no-follow", id)).stdout === "there\n",
    );
    expect((await t.untilStatus(id, "running")).status).toBe("running");
    await t.run("cancel", "--force", id);
  });

  test("--timestamps puts the time before each line", async () => {
    const { stdout } = await t.run("monitor", counted, "--tail", "2", "--timestamps");
    expect(stdout).toMatch(
      /^\S*\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* 1999\n\S*\d{4}-\d\d-\d\d[T ]\S+ 2000\n$/,
    );
  });

  test("--json is NDJSON with seq, time, stream, text and task", async () => {
    const { stdout } = await t.run("monitor", counted, "--tail", "2", "--json");
    const lines = linesOf(stdout)
      .map((line) => JSON.parse(line))
      .filter((item) => "text" in item);
    expect(lines.map(({ seq, stream, text, task }) => [seq, stream, text, task])).toEqual([
      [1999, "stdout", "1999", counted],
      [2000, "stdout", "2000", counted],
    ]);
    expect(Number.isNaN(Date.parse(lines[0].time))).toBe(false);
  });

  test("stderr lines go to stderr", async () => {
    const id = await t.submit("echo out; echo err >&2");
    await t.untilStatus(id, "success");
    expect(await t.run("monitor", id)).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
  });

  test("a task without output is followed to its end", async () => {
    const id = await t.submit("sleep 1; exit 8");
    expect(await t.run("monitor", id)).toEqual({ code: 8, stdout: "", stderr: "" });
  });
});

describe("which task", () => {
  test("an id, a unique prefix, the prefix without task-, or a name", async () => {
    for (const ref of [counted, counted.slice(0, 14), counted.slice(5, 14), "counted"]) {
      const { code, stdout } = await t.run("monitor", ref, "--tail", "1");
      expect([ref, code, stdout]).toEqual([ref, 6, "2000\n"]);
    }
  });

  test("a task that is not started yet is waited for, its status is shown", async () => {
    const id = await t.submit("echo never", "--constraint", "zone=nowhere");
    const monitor = t.start(["monitor", id]);
    await monitor.says(/pending|waits/i);
    expect(monitor.stdout).toBe("");
    expect((await t.run("cancel", id)).code).toBe(0);
    expect((await monitor.ended).code).toBeGreaterThan(0);
  });

  test("several tasks are merged, each line behind its task", async () => {
    await Promise.all([t.submit("seq 1 50", "--name", "left"), t.submit("seq 51 100", "--name", "right")]);
    const { code, stdout } = await t.run("monitor", "left", "right");
    expect(code).toBe(0);
    const lines = linesOf(stdout);
    expect(lines).toHaveLength(100);
    const numbersBehind = (name: string) =>
      lines.filter((line) => line.startsWith(name)).map((line) => line.match(/(\d+)$/)?.[1]);
    expect(numbersBehind("left")).toEqual(numbers(1, 50));
    expect(numbersBehind("right")).toEqual(numbers(51, 100));
  });

  test("two monitors at once see the same", async () => {
    const id = await t.submit(
      "for i in $(seq 200); do echo line $i; echo err $i >&2; done; sleep 1; seq 100",
    );
    const [one, two] = await Promise.all([t.run("monitor", id), t.run("monitor", id)]);
    expect(one).toEqual(two);
    expect(linesOf(one.stdout)).toHaveLength(300);
    expect(linesOf(one.stderr)).toHaveLength(200);
  });

  test("a late monitor sees the past, then the rest live", async () => {
    const id = await t.submit("seq 100; sleep 2; seq 101 200");
    await until(
      "the first half is there",
      async () => linesOf((await t.run("monitor", "--no-follow", id)).stdout).length === 100,
    );
    const late = await t.run("monitor", id);
    expect(linesOf(late.stdout)).toEqual(numbers(1, 200));
  });

  test("leaving and coming back shows the recent lines and goes on", async () => {
    const id = await t.submit("i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo $i; sleep 0.1; done");
    const first = t.start(["monitor", id]);
    await first.says("5\n");
    await first.stop("SIGINT");
    expect(linesOf((await t.run("monitor", id)).stdout)).toEqual(numbers(1, 40));
  });
});

test("without a master, monitor tails a container of the local engine", async () => {
  const container = await t.engineContainer(["sh", "-c", "seq 20; echo err >&2; sleep 1; echo end; exit 3"]);
  const env = { TASKLOG_MASTER: "127.0.0.1:1" };
  const { code, stdout, stderr } = await t.start(["monitor", container], { env }).ended;
  await t.removeContainer(container);
  expect(linesOf(stdout)).toEqual([...numbers(1, 20), "end"]);
  expect(stderr).toContain("err\n");
  expect(code).toBe(3);
});

test("without a master, several containers are shown side by side, each line behind its container", async () => {
  const names = [
    await t.engineContainer(["sh", "-c", "seq 1 3; exit 4"]),
    await t.engineContainer(["sh", "-c", "seq 4 6"]),
  ];
  const env = { TASKLOG_MASTER: "127.0.0.1:1" };
  const { code, stdout, stderr } = await t.start(["monitor", ...names], { env }).ended;
  for (const name of names) await t.removeContainer(name);
  const expected = names.flatMap((name, index) => [1, 2, 3].map((n) => `${name} ${n + 3 * index}`));
  expect(linesOf(stdout).toSorted()).toEqual(expected.toSorted());
  expect(stderr).toContain(`these are the containers ${names.join(", ")} of the local engine`);
  expect(code).toBe(4);
});

test("without a master, the run before is shown on its own", async () => {
  const container = await t.engineContainer(["sh", "-c", "n=$(cat /n || echo 0); echo $((n + 1)) | tee /n"]);
  const ended = () => t.engine(`/containers/${container}/wait`, "POST");
  await ended();
  await t.engine(`/containers/${container}/start`, "POST");
  await ended();
  const env = { TASKLOG_MASTER: "127.0.0.1:1" };
  const { code, stdout } = await t.start(["monitor", "--previous", container], { env }).ended;
  await t.removeContainer(container);
  expect(linesOf(stdout)).toEqual(["1"]);
  expect(code).toBe(0);
});

test("without a master, no line is lost while the engine's log rotates", async () => {
  const LogConfig = { Type: "json-file", Config: { "max-size": "1m", "max-file": "8" } };
  const print = "seq 1 200000";
  const script = `trap : USR1; echo 0; sleep 60 & wait; ${print} & p=$!; ${print} >&2; wait $p`;
  const container = await t.engineContainer(["sh", "-c", script], { HostConfig: { LogConfig } });
  const env = { TASKLOG_MASTER: "127.0.0.1:1" };
  const monitor = t.start(["monitor", "--tail", "all", container], { env });
  await monitor.says("0\n");
  await t.engine(`/containers/${container}/kill?signal=USR1`, "POST");
  const { stdout, stderr } = await monitor.ended;
  await t.removeContainer(container);
  expect(linesOf(stdout)).toEqual(numbers(0, 200_000));
  expect(linesOf(stderr).slice(1)).toEqual(numbers(1, 200_000));
});
