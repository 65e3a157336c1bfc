// Looking for something in a log, showing a part of it, links to lines, and what is folded.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { until } from "../helpers/until.ts";
import { launchChromium, lineText, openPage, seenLines } from "./chromium.ts";
import { FixtureLog } from "./fixture/fixture-log.ts";
import { type Fixture, startFixture } from "./fixture/fixture-server.ts";
import { sampleTask } from "./fixture/sample-tasks.ts";

let browser: Browser;
let fixture: Fixture;
let base = "";

beforeAll(async () => {
  browser = await launchChromium();
  const tasks = [sampleTask("task-big", "big", "success"), sampleTask("task-other", "other", "success")];
  fixture = startFixture(tasks, [
    new FixtureLog({ id: "task-big", lines: 50_000 }),
    new FixtureLog({ id: "task-other", lines: 3000 }),
  ]);
  base = fixture.url;
});

afterAll(async () => {
  await browser?.close();
  await fixture?.[Symbol.asyncDispose]();
});

test("find goes through the whole log: backwards from the end, next, previous, and counts", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-big`);
  const { page } = opened;
  await page.waitForSelector('.row[data-seq="50000"]');
  await page.keyboard.press("/");
  await page.keyboard.type("request 199 failed");
  await page.keyboard.press("Enter");
  await page.waitForSelector('.row.current[data-seq="199"] mark');
  await page.getByText("1 of 1", { exact: true }).waitFor();

  await page.locator("[data-find]").fill("ERROR [");
  await page.getByText("125 lines").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[data-find]").fill("ERROR [");
  await page.locator(".lines").focus();
  await page.keyboard.press("G");
  await until("the end", async () => (await seenLines(page)).at(-1) === 50_000);
  await page.keyboard.press("n");
  await page.waitForSelector('.row.current[data-seq="49799"]');
  await page.keyboard.press("N");
  await page.waitForSelector('.row.current[data-seq="49399"]');
  await page.keyboard.press("n");
  await page.waitForSelector('.row.current[data-seq="49799"]');
  expect(opened.faults).toEqual([]);
});

test("a filter shows only what fits, is a part of the address, and its rows scroll", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-big`);
  const { page } = opened;
  await page.getByRole("button", { name: "Filter lines" }).click();
  await page.getByLabel("Only lines with").fill("ERROR \\[");
  await until("only errors", async () => {
    const seen = await seenLines(page);
    return seen.length > 5 && seen.every((seq) => seq % 400 === 199);
  });
  expect(page.url()).toContain("include=ERROR");
  await page.locator(".lines").focus();
  await page.keyboard.press("g");
  await until("the first one", async () => (await seenLines(page))[0] === 199);
  await page.getByRole("button", { name: "stderr" }).click();
  await page.getByLabel("Only lines with").fill("");
  await until("all of stderr", async () => (await seenLines(page)).some((seq) => seq % 400 !== 199));
  expect(await page.locator(".row:not(.stderr)").count()).toBe(0);
  await page.getByRole("button", { name: "Show all lines" }).click();
  await page.waitForSelector(".row:not(.stderr)");
  expect(opened.faults).toEqual([]);
});

test("a link to lines opens there, marks them, and follows the selection", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-big#L4711-4713`);
  const { page } = opened;
  await page.waitForSelector('.row.selected[data-seq="4713"] .time');
  expect(await page.locator(".row.selected").count()).toBe(3);
  await page.locator('.row[data-seq="4715"] .number').click();
  await until("the link", () => page.url().endsWith("#L4715"));
  await page.locator('.row[data-seq="4720"] .number').click({ modifiers: ["Shift"] });
  await until("the link to a range", () => page.url().endsWith("#L4715-4720"));
  await page.getByRole("button", { name: "Copy the text of these lines" }).click();
  await page.getByText("6 lines copied.").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.trimEnd().split("\n")).toHaveLength(6);
  expect(copied).toStartWith(await lineText(page, 4715));
  await page.keyboard.press("Escape");
  await until("no selection", async () => !page.url().includes("#"));
});

test("stack traces fold, JSON unfolds, and wrapped rows still end at the end", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-big#L198`);
  const { page } = opened;
  await page.waitForSelector('.row.head[data-seq="200"]');
  await page.locator('.row[data-seq="200"] .fold').click();
  await until("folded", async () => !(await seenLines(page)).includes(203));
  expect(await lineText(page, 200)).toContain("+ 6 lines");
  await page.locator('.row[data-seq="200"] .fold').click();
  await page.waitForSelector('.row[data-seq="203"]');

  await page.locator('.row[data-seq="191"] .fold').click();
  await until("unfolded", async () => (await lineText(page, 191)).includes('\n  "user": {\n'));
  await page.keyboard.press("w");
  await page.keyboard.press("G");
  await until("the end", async () => (await seenLines(page)).at(-1) === 50_000);
  expect(opened.faults).toEqual([]);
});

test("several logs: side by side with keys for the one touched, and merged by time", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-big,task-other`);
  const { page } = opened;
  await page.waitForSelector('[aria-label="Log of other"] .row[data-seq="3000"]');
  await page.waitForSelector('[aria-label="Log of big"] .row[data-seq="50000"]');
  await page.locator('[aria-label="Log of other"] .lines').click();
  await page.keyboard.press("g");
  await page.waitForSelector('[aria-label="Log of other"] .row[data-seq="1"]');
  expect(await page.locator('[aria-label="Log of big"] .row[data-seq="50000"]').count()).toBe(1);

  await page.getByRole("button", { name: "Show merged by time" }).click();
  await page.waitForSelector(".origin");
  const times = async () =>
    page.locator(".row .time").evaluateAll((all) => all.map((time) => time.getAttribute("datetime") ?? ""));
  expect(await times()).toEqual([...(await times())].sort());
  await page.keyboard.press("g");
  expect(opened.faults).toEqual([]);
});

test("several logs merged: find goes through all of them by time, and a number leads to its line in its log", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-big,task-other?view=merged`);
  const { page } = opened;
  const current = (task: string, seq: number) =>
    page.waitForSelector(`.row.current[data-task="${task}"][data-seq="${seq}"] mark`);
  await page.waitForSelector('.row[data-task="task-big"][data-seq="50000"]');
  await page.keyboard.press("/");
  await page.keyboard.type("ERROR [");
  await page.getByText("133 lines").waitFor();
  await page.keyboard.press("Enter");
  await current("task-big", 49_799);
  await page.locator(".lines").focus();
  await page.keyboard.press("n");
  await current("task-big", 199);
  for (const [key, task, seq] of [
    ["n", "task-other", 199],
    ["n", "task-big", 599],
    ["N", "task-other", 199],
    ["N", "task-big", 199],
    ["N", "task-big", 49_799],
    ["N", "task-big", 49_399],
  ] as const) {
    await page.keyboard.press(key);
    await current(task, seq);
  }
  await page.keyboard.press("g");
  await until("the beginning of both", async () => (await seenLines(page)).slice(0, 4).join() === "1,1,2,2");
  await page.locator('.row[data-task="task-other"][data-seq="3"] .number').click();
  await page.waitForURL("**/tasks/task-other#L3");
  await page.waitForSelector('.row.selected[data-seq="3"]');
  expect(opened.faults).toEqual([]);
});
