// Adopted containers: found, read over their restarts, named as their owners call them, and never touched.
import { expect, test } from "bun:test";
import { AdoptableContainer } from "../helpers/adoptable-container.ts";
import { startApart, startTasklog, type TaskJson, Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

/** Names of one test's own: other tests use the same engine. */
const newName = () => `web-${crypto.randomUUID().slice(0, 8)}`;

/** The runs of that name, the oldest first, when there are so many. */
function untilRuns(t: Tasklog, name: string, count: number): Promise<TaskJson[]> {
  return until(`${name} has ${count} runs`, async () => {
    const runs = (await t.tasks()).filter((task) => task.name === name);
    return runs.length === count ? runs.reverse() : undefined;
  });
}

test("an adopted container is a task: live, over its restart, and afterwards", async () => {
  const name = newName();
  await using web = await AdoptableContainer.create(
    'echo "up since $(cat /proc/uptime)"; echo careful >&2; trap "echo bye; exit 3" TERM; while :; do sleep 0.05; done',
    { name },
  );
  await using t = await startTasklog("--slots", "1", "--adopt", `name~^${name}$`);

  // It is started, and shows up by itself.
  await web.start();
  const [run] = await untilRuns(t, name, 1);
  expect(run).toMatchObject({ name, status: "running", adopted: { container: name } });
  const monitor = t.start(["monitor", "--tail", "all", name]);
  await monitor.says("up since ");
  await until("its stderr is there", () => monitor.stderr.includes("careful"));

  // It takes no slot: this worker has one, and that is free.
  expect(await t.run("run", "--name", "mine", "tasklog-test/busybox", "--", "echo", "hello")).toMatchObject({
    code: 0,
    stdout: "hello\n",
  });

  // Nobody can stop it here.
  const cancel = await t.run("cancel", name);
  expect(cancel).toMatchObject({ code: 125, stdout: "" });
  expect(cancel.stderr).toBe(
    `tasklog: ${name} is an adopted container, which tasklog never touches: docker stop ${name}\n`,
  );
  const refused = await fetch(`http://${t.http}/api/v1/tasks/${name}/cancel`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(refused.status).toBe(403);
  expect(await web.isRunning()).toBe(true);

  // Its owner restarts it: the run ends with its exit code, behind its last line, and another begins.
  const [first] = (await t.run("monitor", "--no-follow", "--tail", "all", name)).stdout.split("\n");
  await web.stop(10);
  await web.start();
  const ended = await monitor.ended;
  expect(ended.stdout).toBe(`${first}\nbye\n`);
  expect(ended.code).toBe(3);
  const [before, now] = await untilRuns(t, name, 2);
  expect(before).toMatchObject({ id: run?.id as string, status: "failed", exitCode: 3 });
  expect(now).toMatchObject({ status: "running" });
  const second = await until("the second run has printed", async () => {
    const { stdout } = await t.run("monitor", "--no-follow", "--tail", "all", name);
    return stdout.startsWith("up since ") ? stdout.split("\n")[0] : undefined;
  });
  expect(second).not.toBe(first as string);

  // Both can be asked for, and so can be where their lines come from.
  expect((await t.run("monitor", "--no-follow", "--previous", name)).stdout).toBe(ended.stdout);
  const inspect = await t.run("inspect", name);
  expect(inspect.stdout).toContain(`the container ${name}, which tasklog only reads`);
  expect(inspect.stdout).toMatch(/source +the engine's log/);
  expect(inspect.stdout).not.toContain("hush");

  // tasklog ends, and the container is what it was.
  await t.stopServers();
  expect(await web.isRunning()).toBe(true);
});

test("compose and swarm name their containers; a name that is taken gets its worker's behind it", async () => {
  const project = newName();
  const labels = (service: string, number: string) => ({
    "com.docker.compose.project": project,
    "com.docker.compose.service": service,
    "com.docker.compose.container-number": number,
  });
  const idle = "echo ready; sleep 600";
  await using db = await AdoptableContainer.start(idle, { labels: labels("db", "1") });
  await using db2 = await AdoptableContainer.start(idle, { labels: labels("db", "2") });
  await using _other = await AdoptableContainer.start(idle, {
    labels: { "com.docker.compose.project": "x" },
  });
  await using _own = await AdoptableContainer.start(idle, {
    labels: { ...labels("log", "1"), "dev.tasklog.ignore": "" },
  });
  await using t = await startApart([], ["--adopt", `label=com.docker.compose.project=${project}`]);
  const names = async () => (await t.tasks()).map(({ name }) => name).sort();
  await until("both are there", async () => (await names()).length === 2);
  expect(await names()).toEqual([`${project}/db`, `${project}/db-2`]);
  expect((await t.run("monitor", "--no-follow", `${project}/db-2`)).stdout).toBe("ready\n");
  expect(
    (await t.json<TaskJson>("list-tasks", "--label", `com.docker.compose.project=${project}`)).length,
  ).toBe(2);

  // Another worker on the same engine follows them, too: a task of its own, with lines of its own.
  t.worker("beta", "--adopt", `name~^${project}/db$`);
  await until("the second one's is there", async () => (await names()).includes(`${project}/db@beta`));
  expect((await t.run("monitor", "--no-follow", `${project}/db@beta`)).stdout).toBe("ready\n");
  await db.stop();
  await until(
    "both have heard of the end",
    async () => (await t.tasks()).filter(({ exitCode }) => exitCode === 137).length === 2,
  );
  await db2.remove();
  await until("a removed one has ended, too", async () =>
    (await t.tasks()).every(({ status }) => status === "failed"),
  );
});

test("what cannot be meant is said before anything is started", async () => {
  await using t = await Tasklog.create();
  for (const [rule, words] of [
    ["web", 'cannot be "web": it takes all, label=KEY, label=KEY=VALUE or name~PATTERN'],
    ["", 'cannot be ""'],
    ["name~", "names nothing"],
    ["label=", "names nothing"],
    ["label==x", "names no label"],
    ["name~(", "is no pattern that RE2 knows"],
    ["name~(?=a)", "is no pattern that RE2 knows"],
  ] as const) {
    for (const command of ["worker", "up"]) {
      const { code, stderr } = await t.run(command, "--adopt", rule);
      expect({ rule, code }).toEqual({ rule, code: 2 });
      expect(stderr).toContain(words);
    }
  }
});
