// The page on one log: where it opens, how it scrolls, follows, finds, links and folds. Over the fixture, which has logs
// that would take too long to write for real.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { until } from "../helpers/until.ts";
import { launchChromium, lineText, openPage, seenLines } from "./chromium.ts";
import { FixtureLog } from "./fixture/fixture-log.ts";
import { type Fixture, startFixture } from "./fixture/fixture-server.ts";
import { generatedText } from "./fixture/generated-log.ts";
import { sampleTask } from "./fixture/sample-tasks.ts";

const tenMillion = 10_000_000;
let browser: Browser;
let fixture: Fixture;
const logs = {
  ten: new FixtureLog({ id: "task-ten", lines: tenMillion }),
  live: new FixtureLog({ id: "task-live", lines: 5000, rate: 0.0001 }),
  gap: new FixtureLog({
    id: "task-gap",
    lines: 400,
    gaps: [{ fromSeq: 371, toSeq: 380, reason: "the worker's disk was full" }],
  }),
  short: new FixtureLog({ id: "task-short", lines: 380 }),
};
let base = "";

beforeAll(async () => {
  browser = await launchChromium();
  const tasks = [
    sampleTask("task-ten", "ten", "success"),
    sampleTask("task-live", "live", "running"),
    sampleTask("task-gap", "gap", "success"),
    sampleTask("task-short", "short", "success"),
  ];
  fixture = startFixture(tasks, Object.values(logs));
  base = fixture.url;
});

afterAll(async () => {
  await browser?.close();
  await fixture?.[Symbol.asyncDispose]();
});

describe("ten million lines", () => {
  test("opening shows the end soon", async () => {
    await using warm = await openPage(browser, `${base}/tasks/task-gap`);
    await warm.page.waitForSelector('.row[data-seq="400"]');
    const startedMs = performance.now();
    await using opened = await openPage(browser, `${base}/tasks/task-ten`);
    await opened.page.waitForSelector(`.row[data-seq="${tenMillion}"]`);
    expect(performance.now() - startedMs).toBeLessThan(4000);
    expect((await seenLines(opened.page)).at(-1)).toBe(tenMillion);
    expect(opened.faults).toEqual([]);
  });

  test("any place is shown: the wheel by the pixel, the bar by its scale, the beginning and the end", async () => {
    await using opened = await openPage(browser, `${base}/tasks/task-ten`);
    const { page } = opened;
    await page.waitForSelector(`.row[data-seq="${tenMillion}"]`);
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, -200);
    await until("ten rows up", async () => (await seenLines(page)).at(-1) === tenMillion - 10);
    await page.mouse.wheel(0, -5000);
    await until("250 rows up", async () => (await seenLines(page)).at(-1) === tenMillion - 260);

    await until(
      "the middle",
      async () => {
        await page.evaluate(() => {
          const lines = document.querySelector(".lines") as HTMLElement;
          lines.scrollTop = (lines.scrollHeight - lines.clientHeight) / 2;
        });
        return Math.abs(((await seenLines(page))[0] ?? 0) - tenMillion / 2) < 1000;
      },
      { everyMs: 300 },
    );
    const first = (await seenLines(page))[1] as number;
    await page.waitForSelector(`.row[data-seq="${first}"] .time`);
    expect(await lineText(page, first)).toContain(
      generatedText(first)
        .text.replace(/\u001b\[[\d;]*m/g, "")
        .slice(0, 6)
        .trim(),
    );

    await page.keyboard.press("g");
    await until("the beginning", async () => (await seenLines(page))[0] === 1);
    await page.keyboard.press("G");
    await until("the end", async () => (await seenLines(page)).at(-1) === tenMillion);
    expect(opened.faults).toEqual([]);
  });

  test("the wheel reaches the very end, and what comes then is followed", async () => {
    await using opened = await openPage(browser, `${base}/tasks/task-live`);
    const { page } = opened;
    await page.waitForSelector(`.row[data-seq="${logs.live.nextSeq - 1}"]`);
    await page.mouse.move(600, 500);
    for (let notch = 0; notch < 5; notch += 1) await page.mouse.wheel(0, -310);
    await page.waitForSelector(".pill");
    let notches = 0;
    await until("the end", async () => {
      notches += 1;
      await page.mouse.wheel(0, 400);
      return (await seenLines(page)).at(-1) === logs.live.nextSeq - 1;
    });
    expect(notches).toBeLessThan(20);
    logs.live.grow(100);
    await until("the new end", async () => (await seenLines(page)).at(-1) === logs.live.nextSeq - 1);
  });

  test("scrolling through it drops few frames and keeps few lines", async () => {
    await using opened = await openPage(browser, `${base}/tasks/task-ten`);
    const { page } = opened;
    await page.waitForSelector(`.row[data-seq="${tenMillion}"]`);
    const frames = page.evaluate(
      () =>
        new Promise<number[]>((resolve) => {
          const gaps: number[] = [];
          let last = performance.now();
          const step = (now: number) => {
            gaps.push(now - last);
            last = now;
            if (gaps.length < 90) requestAnimationFrame(step);
            else resolve(gaps);
          };
          requestAnimationFrame(step);
        }),
    );
    await page.mouse.move(600, 500);
    for (let i = 0; i < 40; i += 1) await page.mouse.wheel(0, -400);
    const sorted = (await frames).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.9)] ?? 0).toBeLessThan(120);
    expect(await page.locator(".row").count()).toBeLessThan(200);
  });
});

describe("following", () => {
  test("new lines are shown as they come, and counted while one reads further up", async () => {
    await using opened = await openPage(browser, `${base}/tasks/task-live`);
    const { page } = opened;
    await page.waitForSelector(`.row[data-seq="${logs.live.nextSeq - 1}"]`);
    logs.live.grow(500);
    await until("the new end", async () => (await seenLines(page)).at(-1) === logs.live.nextSeq - 1);

    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, -400);
    await page.waitForSelector(".pill");
    const before = await seenLines(page);
    logs.live.grow(1234);
    await page.getByRole("button", { name: "1,234 new lines" }).waitFor();
    expect(await seenLines(page)).toEqual(before);
    await page.keyboard.press("f");
    await until("the end again", async () => (await seenLines(page)).at(-1) === logs.live.nextSeq - 1);
    expect(await page.locator(".pill").count()).toBe(0);
    expect(opened.faults).toEqual([]);
  });

  test("20 000 lines a second are followed, and what is kept of them is bounded", async () => {
    await using opened = await openPage(browser, `${base}/tasks/task-live`);
    const { page } = opened;
    await page.waitForSelector(".row .time");
    const from = logs.live.nextSeq;
    logs.live.setRate(20_000);
    await until("60 000 lines more", () => logs.live.nextSeq > from + 60_000);
    logs.live.setRate(0);
    await until("the end", async () => (await seenLines(page)).at(-1) === logs.live.nextSeq - 1);
    const seen = await seenLines(page);
    expect(seen).toEqual(seen.map((_, i) => (seen[0] as number) + i));
    expect(await page.locator(".row").count()).toBeLessThan(200);
  });

  test("a cut connection is taken up where it stopped: nothing twice, nothing missing, no flicker", async () => {
    await using opened = await openPage(browser, `${base}/tasks/task-live`);
    const { page } = opened;
    await page.waitForSelector(`.row[data-seq="${logs.live.nextSeq - 1}"]`);
    for (let i = 0; i < 3; i += 1) {
      fixture.cut();
      logs.live.grow(7);
      await until("the new end", async () => (await seenLines(page)).at(-1) === logs.live.nextSeq - 1);
    }
    const seen = await seenLines(page);
    expect(seen).toEqual(seen.map((_, i) => (seen[0] as number) + i));
    expect(await page.getByText("Connection lost").count()).toBe(0);
  });
});

test("a connection that is never answered is given up, and the next one goes on", async () => {
  fixture.hangOnce();
  await using opened = await openPage(browser, `${base}/tasks/task-short`);
  const { page } = opened;
  await page.getByText("Connecting …").waitFor();
  await page.locator('.row[data-seq="380"]').waitFor({ timeout: 30_000 });
  await page.getByText("Ended: success").waitFor();
});

test("a gap is told in its place", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-gap`);
  const gap = opened.page.locator(".row.gap");
  await gap.waitFor();
  expect(await gap.textContent()).toContain(
    "10 lines are missing here (371–380): the worker's disk was full",
  );
  const seen = await seenLines(opened.page);
  expect(seen).not.toContain(375);
  expect(seen).toContain(381);
});

test("a gap of one of several merged logs is told beside its neighbours", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-gap,task-short?view=merged`);
  const { page } = opened;
  const gap = page.locator('.row.gap[data-task="task-gap"]');
  await gap.waitFor();
  expect(await gap.textContent()).toContain("10 lines are missing here (371–380)");
  const around = await page.evaluate(() => {
    const rows = [...document.querySelectorAll<HTMLElement>('.row[data-task="task-gap"]')];
    return rows.map(({ dataset }) => Number(dataset["seq"]));
  });
  expect(around).toContain(370);
  expect(around.indexOf(371)).toBe(around.indexOf(370) + 1);
  expect(around.indexOf(381)).toBe(around.indexOf(370) + 2);
});
