// Text without a newline, prompts and progress bars: live on a terminal, whole lines only in a pipe.
import { afterAll, expect, test } from "bun:test";
import { screenOf } from "../helpers/screen.ts";
import { startTasklog } from "../helpers/tasklog.ts";
import type { Terminal } from "../helpers/terminal.ts";
import { until } from "../helpers/until.ts";

const t = await startTasklog();
afterAll(() => t.close());

const columns = 60;

/** Waits until the last row of the terminal is this. */
async function lastRow(terminal: Terminal, text: string): Promise<void> {
  await until(`the last row is ${JSON.stringify(text)}`, () => {
    const rows = screenOf(terminal.raw, columns);
    if (rows.at(-1) !== text) throw new Error(JSON.stringify(rows));
    return true;
  });
}

/** A task that waits for a file in a folder of the test before each step. */
async function steps(name: string, ...scripts: string[]) {
  const folder = t.path(name);
  await Bun.write(`${folder}/.keep`, "");
  const script = scripts
    .map((step, index) => `until [ -e /go/${index} ]; do sleep 0.05; done; ${step}`)
    .join("\n");
  const id = await t.submit(script, "--name", name, "--volume", `${folder}:/go`);
  return { id, go: (index: number) => Bun.write(`${folder}/${index}`, "") };
}

const long = "a prompt that is longer than the terminal is wide, so that it stands on two of its rows: ";

test("a terminal shows prompts and progress bars as they come, and each line once when it is whole", async () => {
  const { id, go } = await steps(
    "prompts",
    "printf 'Name: '",
    "echo Ada",
    "printf '10%%'",
    "printf '\\r20%%'",
    "printf '\\r 100%%\\n'",
    `printf '${long}'`,
    "echo yes",
    "printf 'a warning ' >&2",
    "printf 'and a prompt '",
    "echo answered",
    "echo ends >&2",
  );
  await using monitor = t.terminal(["monitor", id], { columns, env: { NO_COLOR: "1" } });
  await monitor.shows("Press any key");
  for (const [index, row] of [
    "Name:",
    "Name: Ada",
    "10%",
    "20%",
    " 100%",
    long.slice(columns).trimEnd(),
    `${long}yes`.slice(columns),
    "a warning",
    "and a prompt",
    "a warning", // the one of stdout is whole, the one of stderr is not
  ].entries()) {
    await go(index);
    await lastRow(monitor, row);
  }
  await go(10);
  expect(await monitor.exitCode()).toBe(0);
  const rows = screenOf(monitor.raw, columns);
  const from = rows.indexOf("Name: Ada");
  expect(rows.slice(from, rows.indexOf("", from))).toEqual([
    "Name: Ada",
    " 100%",
    long.slice(0, columns).trimEnd(),
    `${long}yes`.slice(columns),
    "and a prompt answered",
    "a warning ends",
  ]);
});

test("a pipe and several tasks at once get whole lines only", async () => {
  const { id, go } = await steps("waits", "printf 'Name: '", "printf 'Ada\\n'", "printf 'no newline'");
  const other = await steps("other", "printf 'Age: '", "echo 36");
  await using merged = t.terminal(["monitor", "--tail", "all", id, other.id], { columns });
  const piped = t.start(["monitor", id]);
  await merged.shows("Press any key");
  await using alone = t.terminal(["monitor", id], { columns });
  await go(0);
  await other.go(0);
  await alone.shows("Name: "); // by now the others have been sent it, too
  expect(piped.stdout).toBe("");
  await go(1);
  await piped.says("Name: Ada\n");
  await go(2);
  await other.go(1);
  expect(await piped.ended).toEqual({ code: 0, stdout: "Name: Ada\nno newline\n", stderr: "" });
  expect(await merged.exitCode()).toBe(0);
  expect(screenOf(merged.raw, columns).filter((row) => /Name|Age|newline/.test(row))).toEqual(
    expect.arrayContaining(["waits Name: Ada", "waits no newline", "other Age: 36"]),
  );
  expect(merged.raw.match(/Name: /g)).toHaveLength(1);
});

test("a bar that returns its carriage for ever is shown to its last step, and run completes the line", async () => {
  const folder = t.path("bar");
  await Bun.write(`${folder}/.keep`, "");
  // 200 KiB without a newline: more than an unfinished line may be.
  const script =
    "i=0; while [ $i -lt 4000 ]; do i=$((i+1)); printf '\\rstep %s of 4000 ......................................' $i; done; " +
    "until [ -e /go/on ]; do sleep 0.05; done; printf '\\rdone\\n'";
  const args = ["run", "--volume", `${folder}:/go`, "tasklog-test/busybox:latest", "--", "sh", "-c", script];
  await using run = t.terminal(args, { columns });
  await run.shows("step 4000 of 4000");
  await Bun.write(`${folder}/on`, "");
  expect(await run.exitCode()).toBe(0);
  expect(screenOf(run.raw, columns).at(-1)).toStartWith("done");
});
