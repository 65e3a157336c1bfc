// `list-tasks` (`ps`), `workers`, `cancel`, `inspect`, `config`: tables for people, --json for programs.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { image, startTasklog } from "../helpers/tasklog.ts";

const t = await startTasklog("--label", "zone=a");
afterAll(() => t.close());

await t.run("run", "--name", "good", "--label", "team=red", image, "--", "true");
await t.run("run", "--name", "bad", "--label", "team=blue", image, "--", "sh", "-c", "exit 3");
const running = await t.submit("sleep 600", "--name", "a-task-with-quite-a-long-name-that-needs-room");
await t.untilStatus(running, "running");

describe("list-tasks", () => {
  test.each(["list-tasks", "ps"])("%s shows all tasks in aligned columns", async (command) => {
    const { code, stdout } = await t.run(command);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(rows).toHaveLength(3);
    const column = head?.search(/STATUS/i) ?? -1;
    expect(column).toBeGreaterThan(0);
    for (const row of rows) expect(row.slice(column)).toMatch(/^(success|failed|running)/);
  });

  test("it fits the terminal", async () => {
    await using terminal = t.terminal(["ps"], { columns: 60 });
    expect(await terminal.exitCode()).toBe(0);
    for (const line of terminal.screen.split("\n")) expect(line.length).toBeLessThanOrEqual(60);
  });

  test("-q prints ids and nothing else, also where there are more", async () => {
    const { stdout, stderr } = await t.run("ps", "-q", "--limit", "1");
    expect([stdout, stderr]).toEqual([`${running}\n`, ""]);
  });

  test("filters by status, user, worker and label", async () => {
    const names = async (...flags: string[]) =>
      (await t.json<{ name: string }>("ps", ...flags)).map(({ name }) => name).sort();
    expect(await names("--status", "failed")).toEqual(["bad"]);
    expect(await names("--label", "team=red")).toEqual(["good"]);
    expect(await names("--label", "team")).toEqual(["bad", "good"]);
    expect(await names("--user", "tester")).toHaveLength(3);
    expect(await names("--user", "nobody-else")).toEqual([]);
    const [worker] = await t.json<{ name: string }>("workers");
    expect(await names("--worker", worker?.name ?? "")).toHaveLength(3);
  });

  test("--json has what a program needs", async () => {
    const bad = (await t.tasks()).find(({ name }) => name === "bad");
    expect(bad).toMatchObject({ status: "failed", exitCode: 3 });
    expect(bad?.id).toMatch(/^task-[a-z2-7]{12}$/);
  });
});

test("workers shows name, slots, labels and engine", async () => {
  const { stdout } = await t.run("workers");
  expect(stdout).toContain("zone=a");
  expect(stdout).toMatch(/docker \d+/);
});

test("inspect shows one task, as text and as JSON", async () => {
  const text = await t.run("inspect", "bad");
  expect(text.code).toBe(0);
  expect(text.stdout).toContain("team=blue");
  const [task] = await t.json<Record<string, unknown>>("inspect", "bad");
  expect(task).toMatchObject({ name: "bad", status: "failed", exitCode: 3 });
});

test("--user of run is the container's user, not who submitted the task", async () => {
  expect((await t.run("run", "--name", "other", "--user", "1000:1000", image, "--", "true")).code).toBe(0);
  const [task] = await t.json<Record<string, unknown>>("inspect", "other");
  expect(task).toMatchObject({ user: "tester", spec: { user: "1000:1000" } });
  expect((await t.run("inspect", "other")).stdout).toMatch(
    /^user +tester$[\s\S]*^container user +1000:1000$/m,
  );
});

test("cancel takes several tasks; one that is done is told apart from one that is unknown", async () => {
  const ids = [await t.submit("sleep 600"), await t.submit("sleep 600")];
  const { code } = await t.run("cancel", ...ids);
  expect(code).toBe(0);
  for (const id of ids) await t.untilStatus(id, "cancelled");
  const unknown = await t.run("cancel", "nonesuch");
  expect(unknown.code).toBe(125);
  expect(unknown.stderr).toContain("nonesuch");
});

describe("config", () => {
  test("--master before TASKLOG_MASTER before the config file, and config shows which", async () => {
    await mkdir(t.path("config/tasklog"), { recursive: true });
    await writeFile(t.path("config/tasklog/config.toml"), 'master = "127.0.0.1:3333"\n');
    const { TASKLOG_MASTER: _, ...env } = t.env;
    const inForce = async (args: string[], master: string) =>
      (await t.start(["config", ...args], { env: { ...env, TASKLOG_MASTER: master } }).ended).stdout;
    expect(await inForce([], "")).toMatch(/127\.0\.0\.1:3333.*config\.toml/);
    expect(await inForce([], "127.0.0.1:2222")).toMatch(/127\.0\.0\.1:2222.*TASKLOG_MASTER/);
    expect(await inForce(["--master", "127.0.0.1:1111"], "127.0.0.1:2222")).toMatch(
      /127\.0\.0\.1:1111.*--master/,
    );
  });

  test("a config file with a fault is named, with its line", async () => {
    await writeFile(t.path("config/tasklog/config.toml"), "master = \n");
    const { code, stderr } = await t.run("ps");
    expect([2, 125]).toContain(code);
    expect(stderr).toMatch(/config\.toml/);
    await writeFile(t.path("config/tasklog/config.toml"), "");
  });
});
