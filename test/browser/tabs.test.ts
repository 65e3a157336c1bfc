// Many tabs of the page in one browser, which opens six connections to a server at once; and what is selected.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { until } from "../helpers/until.ts";
import { launchChromium, openPage } from "./chromium.ts";
import { FixtureLog } from "./fixture/fixture-log.ts";
import { type Fixture, startFixture } from "./fixture/fixture-server.ts";
import { sampleTask } from "./fixture/sample-tasks.ts";

let browser: Browser;
let fixture: Fixture;
const live = new FixtureLog({ id: "task-live", lines: 500, rate: 20 });

beforeAll(async () => {
  browser = await launchChromium();
  fixture = startFixture([sampleTask("task-live", "live", "running")], [live]);
});

afterAll(async () => {
  await browser?.close();
  await fixture?.[Symbol.asyncDispose]();
});

test("eight tabs of the list and eight of a log load, and hear what happens", async () => {
  await using opened = await openPage(browser, fixture.url);
  const tabs = [opened.page];
  for (let tab = 1; tab < 16; tab += 1) {
    const page = await opened.page.context().newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(tab % 2 === 0 ? fixture.url : `${fixture.url}/tasks/task-live`);
    tabs.push(page);
  }
  const fresh = live.nextSeq;
  fixture.putTask(sampleTask("task-new", "brand-new", "running"));
  for (const [tab, page] of tabs.entries()) {
    if (tab % 2 === 0) await page.getByRole("link", { name: "brand-new" }).first().waitFor();
    else {
      await page.bringToFront();
      await page.waitForFunction(
        (from) =>
          [...document.querySelectorAll<HTMLElement>(".row")].some(
            ({ dataset }) => Number(dataset["seq"]) >= from,
          ),
        fresh,
      );
    }
  }
  expect(opened.faults).toEqual([]);
});

test("following pauses while text is selected, says so, and goes on", async () => {
  await using opened = await openPage(browser, `${fixture.url}/tasks/task-live`);
  const { page } = opened;
  await page.waitForSelector(".row .text");
  await page.evaluate(() => {
    const rows = document.querySelectorAll(".row .text");
    document.getSelection()?.selectAllChildren(rows[rows.length - 3] as Element);
  });
  const selected = await page.evaluate(() => String(document.getSelection()));
  await page.getByText("Paused while text is selected").waitFor();
  const from = live.nextSeq;
  await until("sixty more lines have come", () => live.nextSeq > from + 60);
  expect(await page.evaluate(() => String(document.getSelection()))).toBe(selected);
  await page.evaluate(() => document.getSelection()?.removeAllRanges());
  await page.waitForFunction(() => document.querySelector(".pill") === null);
  expect(opened.faults).toEqual([]);
});
