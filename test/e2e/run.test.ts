// `tasklog run`: submits, streams, and leaves with the task's exit code.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { image, startTasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

const t = await startTasklog("--label", "zone=a");
afterAll(() => t.close());

/** Runs `script` in a shell in a container. */
const sh = (script: string, ...flags: string[]) => t.run("run", ...flags, image, "--", "sh", "-c", script);
const inspected = async (task: string) => (await t.json<Record<string, unknown>>("inspect", task))[0];

describe("streams and exit codes", () => {
  test("the task's stdout goes to stdout, its stderr to stderr, its exit code is the command's", async () => {
    expect(await sh("echo out; echo err >&2; exit 3")).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
  });

  test.each([0, 1, 2, 42, 125, 255])("exit code %i", async (code) => {
    expect((await sh(`exit ${code}`)).code).toBe(code);
  });

  test("a task that prints nothing completes", async () => {
    expect(await sh("true")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("a task that a signal ended gives 128 + n", async () => {
    const run = t.start(["run", "--name", "killed", image, "--", "sleep", "60"]);
    const { id } = await until("it runs", async () =>
      (await t.tasks()).find(({ name, status }) => name === "killed" && status === "running"),
    );
    await t.engine(`/containers/${await t.containerOf(id)}/kill?signal=KILL`, "POST");
    expect((await run.ended).code).toBe(137);
    expect(await inspected(id)).toMatchObject({ status: "failed", signal: "SIGKILL" });
  });

  test("the image's own command runs when none is given", async () => {
    const { code, stderr } = await t.run("run", image);
    expect(code).toBe(125); // this image has none
    expect(stderr).toMatch(/command/i);
  });

  test("--entrypoint takes the place of the image's own", async () => {
    const { code, stdout } = await t.run("run", "--entrypoint", "/bin/echo", image, "--", "hello", "there");
    expect([code, stdout]).toEqual([0, "hello there\n"]);
  });
});

describe("lines", () => {
  test("a last line without newline arrives", async () => {
    expect((await sh("printf 'one\\ntwo'")).stdout).toBe("one\ntwo\n");
  });

  test("lines beyond 16 KiB are joined", async () => {
    const { stdout } = await sh("head -c 100000 /dev/zero | tr '\\0' x; echo; echo end");
    expect(stdout.split("\n").map((line) => line.length)).toEqual([100_000, 3, 0]);
  });

  test("a line beyond 1 MiB is cut at a character and marked in --json", async () => {
    const { stdout } = await sh("yes 'äöü' | tr -d '\\n' | head -c 1500000; echo; echo end", "--json");
    const items = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    const lines = items.filter((item) => typeof item.text === "string");
    expect(lines.map(({ text }) => text.length > 500_000)).toEqual([true, false]);
    expect(Buffer.byteLength(lines[0].text)).toBeLessThanOrEqual(1024 * 1024);
    expect(lines[0].text).not.toContain("\ufffd");
    expect([lines[0].cut, lines[1].text]).toEqual([true, "end"]);
  });

  test("in a pipe it is said once that lines were cut", async () => {
    const long = "head -c 1100000 /dev/zero | tr '\\0' x; echo";
    const { stdout, stderr } = await sh(`echo begin; ${long}; ${long}`);
    expect(stdout.split("\n").map(({ length }) => length)).toEqual([5, 1024 * 1024, 1024 * 1024, 0]);
    expect(stderr.match(/line 2 is not whole: it was longer than 1 MiB/g)).toHaveLength(1);
  });

  test("bytes that are not UTF-8 survive as U+FFFD and kill nothing", async () => {
    expect((await sh("printf 'a\\377b\\n'; printf '\\303'; echo; echo next")).stdout).toBe(
      "a\ufffdb\n\ufffd\nnext\n",
    );
  });

  test("NUL, tabs and escape sequences pass as they are", async () => {
    expect((await sh("printf 'a\\000b\\tc\\033[31mred\\033[0m\\n'")).stdout).toBe(
      "a\0b\tc\u001b[31mred\u001b[0m\n",
    );
  });

  test("a multi-byte character at the 16 KiB boundary is whole", async () => {
    const { stdout } = await sh("head -c 16383 /dev/zero | tr '\\0' x; echo 'ü€😀'");
    expect(stdout).toBe(`${"x".repeat(16_383)}ü€😀\n`);
  });

  test("empty lines are lines", async () => {
    expect((await sh("echo; echo; echo x")).stdout).toBe("\n\nx\n");
  });

  test("--tty: one stream, lines as the terminal of the task made them", async () => {
    const { code, stdout } = await sh("test -t 1 && echo tty; echo err >&2", "--tty");
    expect(code).toBe(0);
    expect(stdout.replaceAll("\r", "")).toBe("tty\nerr\n");
  });

  test("--json gives one NDJSON object a line with seq, time, stream, text and task", async () => {
    const { code, stdout } = await sh("echo out; sleep 0.1; echo err >&2; exit 4", "--json");
    const lines = stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .filter((item) => "text" in item);
    expect(code).toBe(4);
    expect(lines.map(({ seq, stream, text }) => [seq, stream, text])).toEqual([
      [1, "stdout", "out"],
      [2, "stderr", "err"],
    ]);
    expect(lines[0].time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    expect(lines[0].task).toMatch(/^task-/);
  });
});

describe("flags", () => {
  test("--detach prints the task id and returns", async () => {
    const id = await t.submit("sleep 1; exit 5");
    expect((await t.untilStatus(id, "failed")).id).toBe(id);
  });

  test("--env, --env from the caller's environment, and --env-file", async () => {
    await writeFile(t.path("vars"), '# comment\n\nFROM_FILE=two words\nQUOTED="kept"\n');
    const flags = ["--env", "A=1=1", "--env", "PASSED", "--env-file", "vars"];
    const { ended } = t.start(
      ["run", ...flags, image, "--", "sh", "-c", 'echo "$A|$PASSED|$FROM_FILE|$QUOTED"'],
      {
        env: { PASSED: "along" },
      },
    );
    expect((await ended).stdout).toBe('1=1|along|two words|"kept"\n');
  });

  test("--volume, --workdir and --user", async () => {
    await mkdir(t.path("shared"), { mode: 0o777 });
    await writeFile(t.path("shared/in"), "from the host\n");
    const { code, stdout } = await sh(
      "pwd; cat in; id -u; touch no 2>/dev/null || echo read-only",
      ...["--volume", `${t.path("shared")}:/mnt:ro`, "--workdir", "/mnt", "--user", "1234"],
    );
    expect([code, stdout]).toEqual([0, "/mnt\nfrom the host\n1234\nread-only\n"]);
  });

  test("--network none has no way out", async () => {
    const { stdout } = await sh("ls /sys/class/net | tr '\\n' ' '", "--network", "none");
    expect(stdout.trim()).toBe("lo");
  });

  test("--cpus and --memory are applied", async () => {
    const id = await t.submit("sleep 30", "--cpus", "0.5", "--memory", "64m");
    await t.untilStatus(id, "running");
    const limits = await t.engine(`/containers/${await t.containerOf(id)}/json`);
    expect([limits.HostConfig.NanoCpus, limits.HostConfig.Memory]).toEqual([500_000_000, 64 * 1024 * 1024]);
    expect((await t.run("cancel", "--force", id)).code).toBe(0);
  });

  test("--name and --label are kept, and the container carries dev.tasklog labels", async () => {
    const id = await t.submit("sleep 30", "--name", "named", "--label", "team=blue");
    await t.untilStatus(id, "running");
    const container = (await t.containers()).find(({ task }) => task === id);
    const labels = (await t.engine(`/containers/${container?.id}/json`)).Config.Labels;
    expect(labels["dev.tasklog.task"]).toBe(id);
    expect(
      (await t.json<{ id: string }>("list-tasks", "--label", "team=blue")).map((task) => task.id),
    ).toEqual([id]);
    expect((await t.run("cancel", "--force", "named")).code).toBe(0);
  });

  test("--constraint - a task that no worker meets waits and says why", async () => {
    const id = await t.submit("true", "--constraint", "zone=b");
    const { detail } = await t.untilStatus(id, "pending");
    expect(detail).toContain("zone=b");
    expect((await t.run("cancel", id)).code).toBe(0);
    expect((await sh("echo here", "--constraint", "zone=a")).stdout).toBe("here\n");
  });

  test("--pull never: an image that is not there is one sentence", async () => {
    const { code, stderr } = await t.run("run", "--pull", "never", "tasklog-test/absent:1", "--", "true");
    expect(code).toBe(125);
    expect(stderr).toContain("tasklog-test/absent:1");
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  test("--keep leaves the container, otherwise it is removed after the last byte", async () => {
    const gone = await t.submit("echo x");
    const kept = await t.submit("echo x", "--keep");
    await Promise.all([t.untilStatus(gone, "success"), t.untilStatus(kept, "success")]);
    await until("only the kept one is there", async () => (await t.containers()).length === 1);
    const [container] = await t.containers();
    expect(container?.task).toBe(kept);
    await t.removeContainer(container?.id ?? "");
  });
});

describe("how it ends", () => {
  test("--timeout ends the task: 124, and the reason says so", async () => {
    const { code, stderr } = await sh(
      "echo begun; sleep 60",
      "--name",
      "slow",
      "--timeout",
      "1s",
      "--stop-timeout",
      "1s",
    );
    expect(code).toBe(124);
    expect(stderr).toMatch(/time/i);
    expect(await inspected("slow")).toMatchObject({ status: "failed", reason: "timeout" });
  });

  test("out of memory is told", async () => {
    const { code, stderr } = await sh("tail /dev/zero", "--name", "hungry", "--memory", "16m");
    expect(code).toBe(137);
    expect(stderr).toMatch(/memory/i);
    expect(await inspected("hungry")).toMatchObject({ status: "failed", reason: "oom" });
  });

  test("cancel is told, and is no failure of another kind", async () => {
    const id = await t.submit("sleep 60", "--stop-timeout", "1s");
    await t.untilStatus(id, "running");
    const watching = t.start(["monitor", id]);
    expect((await t.run("cancel", id)).code).toBe(0);
    expect((await t.untilStatus(id, "cancelled")).status).toBe("cancelled");
    expect((await watching.ended).code).toBeGreaterThan(0);
    expect(await inspected(id)).toMatchObject({ status: "cancelled", reason: "cancelled" });
  });

  test("a command that does not exist is 127, one that cannot be run 126, each one sentence", async () => {
    const absent = await t.run("run", image, "--", "/no/such/command");
    const folder = await t.run("run", image, "--", "/etc/passwd");
    expect([absent.code, folder.code]).toEqual([127, 126]);
    expect(absent.stderr).toContain("/no/such/command");
    expect(absent.stderr.trim().split("\n")).toHaveLength(1);
    expect(folder.stderr.trim().split("\n")).toHaveLength(1);
  });

  test("Ctrl-C cancels the task, and run leaves when it has ended", async () => {
    const run = t.start([
      "run",
      "--name",
      "ctrlc",
      image,
      "--",
      "sh",
      "-c",
      "trap 'echo bye; exit 9' TERM; echo go; while :; do sleep 0.1; done",
    ]);
    await run.says("go");
    run.signal("SIGINT");
    const { code, stdout } = await run.ended;
    expect(stdout).toBe("go\nbye\n");
    expect(code).toBeGreaterThan(0);
    expect(await inspected("ctrlc")).toMatchObject({ status: "cancelled" });
  });

  test("a second Ctrl-C ends the task at once", async () => {
    const run = t.start([
      "run",
      "--name",
      "stubborn",
      "--stop-timeout",
      "60s",
      image,
      "--",
      "sh",
      "-c",
      "trap '' TERM; echo go; while :; do sleep 0.1; done",
    ]);
    await run.says("go");
    run.signal("SIGINT");
    await until(
      "the cancel has arrived",
      async () => (await inspected("stubborn"))?.["cancelRequested"] === true,
    );
    const startedMs = performance.now();
    run.signal("SIGINT");
    await run.ended;
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    await until(
      "the task is cancelled",
      async () => (await inspected("stubborn"))?.["status"] === "cancelled",
    );
  });

  test("| head - a reader that leaves ends the command quietly", async () => {
    const shell = t.shell(`run ${image} -- sh -c 'seq 100000' | head -n 2`);
    const { stdout, stderr } = await shell.ended;
    expect([stdout, stderr]).toEqual(["1\n2\n", ""]);
  });
});

test("a variable that is not set here is taken out of the image's own, as docker run does", async () => {
  const container = await t.engineContainer(["true"]);
  await t.engine(
    `/commit?container=${container}&repo=tasklog-test/with-env&tag=latest&changes=${encodeURIComponent("ENV VAR=image")}`,
    "POST",
    {},
  );
  try {
    const shown = (...flags: string[]) =>
      t.run(
        "run",
        ...flags,
        "tasklog-test/with-env:latest",
        "--",
        "sh",
        "-c",
        'test -n "$(env | grep ^VAR=)" && echo $VAR || echo none',
      );
    expect((await shown()).stdout).toBe("image\n");
    expect((await shown("-e", "VAR=")).stdout).toBe("\n");
    expect((await shown("-e", "VAR")).stdout).toBe("none\n");
    expect((await shown("-e", "VAR=x", "-e", "VAR")).stdout).toBe("none\n");
  } finally {
    await t.removeContainer(container);
    await t.engine("/images/tasklog-test/with-env:latest?force=1", "DELETE");
  }
});
