// The size of a task's terminal: that of the caller's, else 80 columns and 24 lines.
import { afterAll, expect, test } from "bun:test";
import { image, startTasklog } from "../helpers/tasklog.ts";

const t = await startTasklog();
afterAll(() => t.close());
// An engine before 23.0 takes the size behind the start only, as it does from the docker command.
const script = "until stty size 2>&1 | grep '[0-9]'; do sleep 0.1; done";
const command = ["--tty", image, "--", "sh", "-c", script];

test("called on a terminal, the task's terminal has its size", async () => {
  await using run = t.terminal(["run", ...command], { columns: 123 });
  expect(await run.exitCode()).toBe(0);
  expect(run.screen).toMatch(/^30 123$/m);
});

test("when the caller's terminal is resized, so is the task's", async () => {
  await using run = t.terminal([
    "run",
    "--tty",
    image,
    "--",
    "sh",
    "-c",
    "while :; do stty size; sleep 0.1; done",
  ]);
  await run.shows(/^30 100$/m);
  run.resize(77, 22);
  await run.shows(/^22 77$/m);
});

test("called in a pipe, and detached, it has 24 lines of 80 characters", async () => {
  expect((await t.run("run", ...command)).stdout.trim()).toBe("24 80");
  await using detached = t.terminal(["run", "--detach", ...command], { columns: 123 });
  expect(await detached.exitCode()).toBe(0);
  const id = /task-\w+/.exec(detached.screen)?.[0] ?? "";
  expect((await t.run("monitor", id)).stdout.trim()).toBe("24 80");
});
