// The command line as a whole, from source: `bun src/main.ts`, a real master and worker, plain processes as tasks.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Child } from "../helpers/child.ts";
import { freePort } from "../helpers/free-port.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { Terminal } from "../helpers/terminal.ts";
import { until } from "../helpers/until.ts";

const main = join(import.meta.dir, "../../src/main.ts");
const dir = await tempDir();
const address = `127.0.0.1:${await freePort()}`;
const env = { PATH: process.env["PATH"] ?? "", HOME: dir.path, USER: "tester", TASKLOG_MASTER: address };
const options = { cwd: dir.path, env };

const start = (...args: string[]): Child => new Child([process.execPath, main, ...args], options);
const tasklog = (...args: string[]) => start(...args).ended;
const terminal = (...args: string[]): Terminal => new Terminal([process.execPath, main, ...args], options);
const sh = (script: string, ...flags: string[]) =>
  tasklog("run", ...flags, "--runtime", "process", "--", "sh", "-c", script);
const startMaster = (): Child =>
  start("master", "--grpc", address, "--http", "none", "--data-dir", join(dir.path, "master"));
const numbers = (to: number): string => Array.from({ length: to }, (_, n) => `${n + 1}\n`).join("");

let master: Child;
let worker: Child;
const noMasterYet = await tasklog("list-tasks");

beforeAll(async () => {
  master = startMaster();
  worker = start("worker", "--runtime", "process", "--data-dir", join(dir.path, "worker"));
  await until("the worker is connected", async () => (await tasklog("workers", "--json")).stdout !== "");
});

afterAll(async () => {
  await worker.stop();
  await master.stop();
  await dir[Symbol.asyncDispose]();
});

describe("before anything runs", () => {
  test("no master is one sentence that says what to do, and 125", () => {
    expect(noMasterYet).toEqual({
      code: 125,
      stdout: "",
      stderr: `tasklog: no master answers at ${address}: start one with \`tasklog up\`, or name one with --master\n`,
    });
  });

  test("a flag before the command counts as one behind it", async () => {
    const { code, stderr } = await tasklog("--master", "nowhere", "list-tasks");
    expect([code, stderr.includes('--master "nowhere" has no port')]).toEqual([2, true]);
  });

  test("nothing at all shows help on stderr and leaves with 2", async () => {
    const { code, stdout, stderr } = await tasklog();
    expect([code, stdout, stderr.includes("Usage")]).toEqual([2, "", true]);
  });
});

describe("run", () => {
  test("streams apart, the exit code is the task's, and nothing else is said", async () => {
    expect(await sh("echo out; echo err >&2; exit 3")).toEqual({ code: 3, stdout: "out\n", stderr: "err\n" });
  });

  test("time-out is 124, a signal 128+n", async () => {
    expect((await sh("sleep 60", "--timeout", "200ms", "--stop-timeout", "200ms")).code).toBe(124);
    expect((await sh("kill -9 $$")).code).toBe(137);
  });

  test("a bad env file is named with its line, and nothing is started", async () => {
    await Bun.write(join(dir.path, "vars"), "A=1\n=2\n");
    const { code, stderr } = await sh("true", "--env-file", "vars", "--name", "never");
    expect([code, stderr]).toEqual([2, 'tasklog: env file vars, line 2: "=2" has no name before the =\n']);
    expect((await tasklog("inspect", "never")).code).toBe(125);
  });

  test("Ctrl-C on a terminal cancels the task and waits for its end", async () => {
    const script = "trap 'echo bye; exit 9' TERM; echo go; while :; do sleep 0.1; done";
    await using run = terminal("run", "--runtime", "process", "--", "sh", "-c", script);
    await run.shows("go");
    run.type("\x03");
    expect(await run.exitCode()).toBe(9);
    expect(run.screen).toContain("bye");
  });

  test("a reader that leaves ends it quietly; the task runs on", async () => {
    const script = "while :; do echo tick; sleep 0.1; done";
    const piped = `"$0" "$1" run --name ticking --runtime process -- sh -c '${script}' | head -n 2`;
    const { stdout, stderr } = await new Child(["sh", "-c", piped, process.execPath, main], options).ended;
    expect([stdout, stderr]).toEqual(["tick\ntick\n", ""]);
    const [task] = (await tasklog("ps", "--json", "--status", "running")).stdout.trim().split("\n");
    expect(JSON.parse(task ?? "{}").name).toBe("ticking");
    expect((await tasklog("cancel", "ticking")).code).toBe(0);
  });
});

describe("monitor", () => {
  test("on a terminal: banner, lines, completion box; any key leaves with 0", async () => {
    const { stdout } = await tasklog(
      "run",
      "-d",
      "--runtime",
      "process",
      "--",
      "sh",
      "-c",
      "echo one; exit 4",
    );
    await using monitor = terminal("monitor", stdout.trim());
    expect(await monitor.exitCode()).toBe(4);
    expect(monitor.screen).toContain(`Task ID: ${stdout.trim()}\nUser ID: tester\n`);
    expect(monitor.screen).toContain("Press any key to exit\n\none\n");
    expect(monitor.screen).toContain("  Task Completed - Status: failed\n  exit code 4");

    await tasklog("run", "-d", "--name", "waiting", "--constraint", "no=where", "image");
    await using waiting = terminal("monitor", "waiting");
    await waiting.shows("waiting is pending");
    waiting.type(" ");
    expect(await waiting.exitCode()).toBe(0);
    expect((await tasklog("cancel", "waiting")).stdout).toMatch(/^task-\w+\n$/);
  });

  test("a master that is killed in the middle costs no line, and is mentioned once", async () => {
    const script = "i=0; while [ $i -lt 30 ]; do i=$((i+1)); echo $i; sleep 0.1; done; exit 5";
    const run = start("run", "--name", "counting", "--runtime", "process", "--", "sh", "-c", script);
    await run.says("3\n");
    const monitor = start("monitor", "counting");
    await monitor.says("5\n");
    await master.stop("SIGKILL");
    master = startMaster();
    for (const { code, stdout, stderr } of await Promise.all([run.ended, monitor.ended])) {
      expect([code, stdout]).toEqual([5, numbers(30)]);
      expect(stderr).toMatch(/^tasklog: [^\n]*; trying again\n$/);
    }
  });
});
