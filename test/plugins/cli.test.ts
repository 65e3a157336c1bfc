import { expect, test } from "bun:test";
import { definePlugin } from "../../src/core/master/plugins/plugin.ts";
import cli from "../../src/plugins/cli/index.ts";
import type { Output } from "../../src/plugins/cli/output.ts";
import { startPrinting } from "../../src/plugins/cli/printing.ts";
import { MasterFixture } from "../core/master/master-fixture.ts";
import { until } from "../helpers/until.ts";

class Screen implements Output {
  text = "";
  isTerminal = false;
  /** While set, nothing is taken. */
  stopped: Promise<void> | undefined;
  async write(text: string): Promise<void> {
    await this.stopped;
    this.text += text;
  }
  get plain(): string[] {
    return Bun.stripANSI(this.text).split("\n").filter(Boolean);
  }
}

const printingTo = (screen: Screen) =>
  definePlugin({ ...cli, start: async (host) => startPrinting(host, screen) });

test("story - all running tasks are printed with their names, stderr marked, and their ends told", async () => {
  const screen = new Screen();
  await using fixture = await MasterFixture.start({ plugins: [printingTo(screen)] });
  const worker = await fixture.worker();
  const a = await fixture.running(worker, { name: "build" });
  const b = await fixture.running(worker);
  worker.task(a.id).print("one", "E two");
  await until("both lines", () => screen.plain.length === 2);
  worker.task(b.id).print("three");
  await until("b's line", () => screen.plain.length === 3);
  worker.task(a.id).finish("failed", 3);
  await until("the end", () => screen.plain.length === 4);
  expect(screen.plain).toEqual([
    "build | one",
    "build |!E two",
    `${b.id.slice(0, 11)} | three`,
    "build | [failed (exit code 3)]",
  ]);
  expect(screen.text).not.toContain("\u001b");
});

test("colours - on a terminal a task has one that is the same after a restart", async () => {
  const screen = new Screen();
  screen.isTerminal = true;
  await using fixture = await MasterFixture.start({ plugins: [printingTo(screen)] });
  const worker = await fixture.worker();
  const task = await fixture.running(worker, { name: "build" });
  worker.task(task.id).print("one");
  await until("a line", () => screen.plain.length === 1);
  const [before] = screen.text.split("build");
  expect(before).toMatch(/^\u001b\[\d+m$/);
  screen.text = "";
  await fixture.restart();
  await until("the line again", () => screen.plain.includes("build | one"));
  expect(screen.text.startsWith(before as string)).toBe(true);
});

test("on a terminal a task's colours pass, and what would steer the terminal does not; a pipe gets all as it is; a line that is written over comes as it ends", async () => {
  const flat = "\u001b]0;title\u0007\u001b[2J\u001b[31mred\u001b[0m a\tb 10%";
  const hostile = `${flat}\r20% \u009b1A\u202eabc\r`;
  for (const [isTerminal, printed, shown] of [
    [true, flat, "\u001b[0;31mred\u001b[0m a\tb 10%\u001b[0m\n"],
    [true, hostile, "20% \ufffd1A\ufffdabc 10%\n"],
    [false, "\u001b[31mred\u001b[0m a\tb", "\u001b[31mred\u001b[0m a\tb\n"],
    [false, flat, "\u001b[0;31mred\u001b[0m a\tb 10%\u001b[0m\n"],
    [false, hostile, "20% \ufffd1A\ufffdabc 10%\n"],
  ] as const) {
    const screen = new Screen();
    screen.isTerminal = isTerminal;
    await using fixture = await MasterFixture.start({ plugins: [printingTo(screen)] });
    const worker = await fixture.worker();
    const task = await fixture.running(worker, { name: "odd" });
    worker.task(task.id).print(printed);
    await until("the line", () => screen.text.endsWith("\n"));
    expect(screen.text.slice(screen.text.indexOf("|") + 1).replace(/^\u001b\[\d+m/, "")).toBe(` ${shown}`);
  }
});

test("a selection prints only its tasks", async () => {
  const screen = new Screen();
  const chosen = definePlugin({
    ...cli,
    start: async (host) =>
      startPrinting({ ...host, options: { ...host.options, tasks: ["team=x", "wanted"] } }, screen),
  });
  await using fixture = await MasterFixture.start({ plugins: [chosen] });
  const worker = await fixture.worker();
  const tasks = [
    await fixture.running(worker, { name: "wanted" }),
    await fixture.running(worker, { name: "other" }),
    await fixture.running(worker, { name: "theirs", labels: { team: "x" } }),
  ];
  for (const { id } of tasks) worker.task(id).print("line");
  await until("two lines", () => screen.plain.length === 2);
  expect(screen.plain.sort()).toEqual(["theirs | line", "wanted | line"]);
});

test("a terminal that stops reading holds up nobody, and misses nothing", async () => {
  const screen = new Screen();
  await using fixture = await MasterFixture.start({ plugins: [printingTo(screen)] });
  const worker = await fixture.worker();
  const gate = Promise.withResolvers<void>();
  screen.stopped = gate.promise;
  const task = await fixture.running(worker, { name: "t" });
  for (let at = 0; at < 20; at++)
    worker.task(task.id).print(...Array.from({ length: 200 }, (_, n) => `${at * 200 + n}`));
  worker.task(task.id).finish();
  await fixture.until(task.id, ({ status }) => status === "success");
  expect(screen.text).toBe("");
  gate.resolve();
  await until("all lines", () => screen.plain.length === 4001);
  expect(screen.plain.slice(0, -1)).toEqual(Array.from({ length: 4000 }, (_, n) => `t | ${n}`));
});
