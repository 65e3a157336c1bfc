// What tasklog is given by a shell is shared with the programs beside it and after it. Whether an open file blocks is a
// flag of the file and not of the process, so tasklog must never set it: not for a moment, not when it is killed.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { useEngine } from "../helpers/engine.ts";
import { freePort } from "../helpers/free-port.ts";
import { startTasklog, type Tasklog } from "../helpers/tasklog.ts";
import { Terminal } from "../helpers/terminal.ts";

await useEngine();
let t: Tasklog;
beforeAll(async () => {
  t = await startTasklog();
});
afterAll(() => t.close());

/** Keeps stdin, stdout and stderr under further numbers, and writes their flags to a file each time `look` is called. */
const prelude = `exec 7<&0 8>&1 9>&2; look() { cat /proc/self/fdinfo/7 /proc/self/fdinfo/8 /proc/self/fdinfo/9 >> "$FLAGS"; };`;
const nonBlocking = 0o4000;

async function flagsIn(file: string): Promise<number[]> {
  const text = await readFile(file, "utf8");
  return [...text.matchAll(/^flags:\s+(\d+)/gm)].map(([, octal = ""]) => Number.parseInt(octal, 8));
}

const commands = ["ps", "--help", "--version", "workers --json", "run --no-such-flag", "inspect nothing"];
/** What stdout and stderr are: each a line of the shell around `$SCRIPT`. */
const kinds = {
  pipe: 'sh -c "$SCRIPT" 2>&1 | cat',
  "two pipes": '{ sh -c "$SCRIPT" | cat; } 2>&1 | cat',
  file: 'sh -c "$SCRIPT" > out.txt 2>&1',
  "appended file": 'sh -c "$SCRIPT" >> out.txt 2>> err.txt',
  // A test gives its children sockets, as programs of Node do.
  socket: 'exec sh -c "$SCRIPT"',
  "/dev/null": 'sh -c "$SCRIPT" > /dev/null 2>&1',
};

describe("the flags of what is shared", () => {
  for (const [kind, line] of Object.entries(kinds)) {
    test(`stay what they are: ${kind}`, async () => {
      const flags = t.path(`flags-${kind.replace(/\W/g, "-")}`);
      const script = `${prelude} ${commands.map((command) => `"$TASKLOG" ${command}; look`).join("; ")}`;
      await t.shellLine(line, { TASKLOG: t.executable, SCRIPT: script, FLAGS: flags }).ended;
      const seen = await flagsIn(flags);
      expect(seen).toHaveLength(commands.length * 3);
      expect(seen.filter((flag) => flag & nonBlocking)).toEqual([]);
    });
  }

  test("stay what they are: terminal", async () => {
    const flags = t.path("flags-terminal");
    const script = `${prelude} ${commands.map((command) => `"$TASKLOG" ${command}; look`).join("; ")}`;
    const env = { ...t.env, TASKLOG: t.executable, FLAGS: flags };
    await using terminal = new Terminal(["sh", "-c", script], { cwd: t.dir, env });
    await terminal.exitCode(60_000);
    const seen = await flagsIn(flags);
    expect(seen).toHaveLength(commands.length * 3);
    expect(seen.filter((flag) => flag & nonBlocking)).toEqual([]);
  });

  for (const [kind, line] of Object.entries(kinds)) {
    test(`stay what they are beside a running monitor, and when it is killed: ${kind}`, async () => {
      const id = await t.submit("i=0; while :; do i=$((i+1)); echo $i; usleep 1000; done");
      await t.untilStatus(id, "running");
      const flags = t.path(`running-${kind.replace(/\W/g, "-")}`);
      const script = `${prelude} "$TASKLOG" monitor ${id} & it=$!; for n in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; look; done; kill -9 $it; wait $it; look`;
      await t.shellLine(line, { TASKLOG: t.executable, SCRIPT: script, FLAGS: flags }).ended;
      const seen = await flagsIn(flags);
      expect(seen).toHaveLength(33);
      expect(seen.filter((flag) => flag & nonBlocking)).toEqual([]);
      await t.run("cancel", "--force", id);
    });
  }

  test("stay what they are beside the plugin cli", async () => {
    const flags = t.path("flags-cli");
    const master = `127.0.0.1:${await freePort()}`;
    const script = `${prelude}
      "$TASKLOG" up --plugins cli --runtime process --grpc ${master} --http none --data-dir "$DIR" & it=$!
      until "$TASKLOG" --master ${master} run --runtime process -- seq 1 100 > /dev/null 2>&1; do sleep 0.1; done
      look; kill $it; wait $it; look`;
    const env = { TASKLOG: t.executable, SCRIPT: script, FLAGS: flags, DIR: t.path("cli") };
    const { stdout } = await t.shellLine('sh -c "$SCRIPT" 2>&1 | cat', env).ended;
    expect(stdout).toMatch(/\b100$/m);
    const seen = await flagsIn(flags);
    expect(seen).toHaveLength(6);
    expect(seen.filter((flag) => flag & nonBlocking)).toEqual([]);
  });
});

describe("who writes next", () => {
  test("loses nothing in a pipeline", async () => {
    const line = '("$TASKLOG" --help; seq 1 200000) | (sleep 1; grep -c "^[0-9]*$")';
    const ended = await t.shellLine(line, { TASKLOG: t.executable }).ended;
    expect(Number(ended.stdout)).toBeGreaterThanOrEqual(200_000);
  });

  test("loses nothing beside a monitor", async () => {
    const id = await t.submit("seq 1 50000; sleep 2");
    const line = `("$TASKLOG" monitor --tail all ${id} & seq 1000001 1200000; wait) | (sleep 1; wc -l)`;
    const ended = await t.shellLine(line, { TASKLOG: t.executable }).ended;
    expect(Number(ended.stdout)).toBe(250_000);
  });

  test("a file that several append to keeps the lines of all", async () => {
    const id = await t.submit("seq 1 3");
    await t.untilStatus(id, "success");
    const line = `(echo before; "$TASKLOG" monitor ${id}; echo after) > shared.txt`;
    await t.shellLine(line, { TASKLOG: t.executable }).ended;
    expect(await readFile(t.path("shared.txt"), "utf8")).toBe("before\n1\n2\n3\nafter\n");
  });

  test("a pipe that nobody reads any more ends it quietly", async () => {
    const id = await t.submit("seq 1 100000");
    const ended = await t.shellLine(`("$TASKLOG" monitor ${id}; echo $? >&2) | head -n 1`, {
      TASKLOG: t.executable,
    }).ended;
    expect([ended.stdout, ended.stderr]).toEqual(["1\n", "141\n"]);
  });
});
