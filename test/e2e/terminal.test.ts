// A task and the terminal of who watches it. The terminal is a real one (xterm's, without a window) that answers what it
// is asked, as any terminal does.
import { afterAll, describe, expect, test } from "bun:test";
import { Terminal as Xterm } from "@xterm/headless";
import { startTasklog } from "../helpers/tasklog.ts";
import { Terminal } from "../helpers/terminal.ts";

const t = await startTasklog();
afterAll(() => t.close());

const hostile = [
  "\\033[6n",
  "\\033[c",
  "\\033]11;?\\007",
  "\\005",
  "\\033]52;c;b3duZWQ=\\007",
  "\\033]0;owned\\007",
  "\\033[?25l\\033[?1049h\\033(0\\033[?1000h\\033[?2004h",
].join("x");
/** Asks, sets modes, leaves a string open, and goes on. */
const script = `printf '${hostile}\\n'; printf '\\033P open\\n'; echo behind; while :; do sleep 0.2; done`;

async function watch(
  args: string[],
): Promise<AsyncDisposable & { terminal: Terminal; xterm: Xterm; answers: string[] }> {
  const xterm = new Xterm({ cols: 100, rows: 30, allowProposedApi: true });
  const answers: string[] = [];
  const terminal = t.terminal(args, { onData: (text) => xterm.write(text) });
  xterm.onData((data) => {
    answers.push(data);
    terminal.type(data);
  });
  return {
    terminal,
    xterm,
    answers,
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      xterm.dispose();
    },
  };
}

const settled = (xterm: Xterm) => new Promise<void>((done) => xterm.write("", done));

test("a task cannot make its viewer leave, nor steer the terminal", async () => {
  const id = await t.submit(script);
  await using watched = await watch(["monitor", id]);
  const { terminal, xterm, answers } = watched;
  const before = { ...xterm.modes };
  await terminal.shows(/behind/);
  await settled(xterm);
  expect(answers).toEqual([]);
  expect({ ...xterm.modes }).toEqual(before);
  expect(terminal.running).toBe(true);
  expect(terminal.raw).not.toMatch(/\x1b\]|\x1bP|\x05|\x1b\[\?25l/);
  terminal.type("q");
  expect(await terminal.exitCode()).toBe(0);
  await t.run("cancel", "--force", id);
});

describe("--raw: all of it reaches the terminal, its answers are no keys, and it is set back", () => {
  test.each([
    ["a key", "q", 0],
    ["Ctrl-C", "\x03", 130],
    ["SIGHUP", "SIGHUP", 129],
    ["SIGQUIT", "SIGQUIT", 131],
    ["SIGTERM", "SIGTERM", 143],
  ] as const)("%s", async (_what, way, code) => {
    const id = await t.submit(script);
    await using watched = await watch(["monitor", "--raw", id]);
    const { terminal, xterm, answers } = watched;
    const before = { ...xterm.modes };
    await terminal.shows(/behind/);
    await settled(xterm);
    expect(answers.length).toBeGreaterThan(0);
    expect(xterm.buffer.active.type).toBe("alternate");
    expect(terminal.running).toBe(true);
    if (way.startsWith("SIG")) process.kill(terminal.pid, way as NodeJS.Signals);
    else terminal.type(way);
    expect(await terminal.exitCode()).toBe(code);
    await settled(xterm);
    expect({ ...xterm.modes }).toEqual(before);
    expect(xterm.buffer.active.type).toBe("normal");
    expect(terminal.raw).toContain("\x1b[?25h");
    await t.run("cancel", "--force", id);
  });
});

test.each(["SIGHUP", "SIGQUIT", "SIGTERM"] as const)(
  "%s of monitor leaves the terminal as it was",
  async (signal) => {
    const id = await t.submit("echo there; while :; do sleep 0.2; done");
    const monitor = `sh -c 'echo "pid $$"; exec "$TASKLOG" monitor ${id}'`;
    const line = "stty -a | grep -o -- '-*icanon'";
    await using terminal = new Terminal(["sh", "-c", `${line}; ${monitor}; echo "code $?"; ${line}`], {
      cwd: t.dir,
      env: { ...t.env, TASKLOG: t.executable },
    });
    await terminal.shows("there");
    process.kill(Number(/pid (\d+)/.exec(terminal.screen)?.[1]), signal);
    await terminal.shows(/code (129|131|143)/);
    await terminal.exitCode();
    expect(terminal.screen.match(/-?icanon/g)).toEqual(["icanon", "icanon"]);
    await t.run("cancel", "--force", id);
  },
);

test("the prefix stands before what a line shows at its end", async () => {
  const id = await t.submit("printf '10%%\\r20%%\\n'");
  await t.untilStatus(id, "success");
  await using terminal = t.terminal(["monitor", "--timestamps", id]);
  await terminal.exitCode();
  expect(terminal.screen).toMatch(/\d{4}-\d\d-\d\dT\S+ 20%\n/);
  expect(terminal.screen).not.toContain("10%");
  expect((await t.run("monitor", "--timestamps", id)).stdout).toMatch(/^\d{4}-\S+ 20%\n$/);
  expect((await t.run("monitor", id)).stdout).toBe("10%\r20%\n");
});
