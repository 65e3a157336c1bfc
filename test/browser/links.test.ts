// Links to lines on a real tasklog: they stay true after earlier lines were removed, and after the log was sealed.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { until } from "../helpers/until.ts";
import { launchChromium, lineText, openPage } from "./chromium.ts";
import { startUp, submit } from "./process-tasks.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
});

const padding =
  "with as much text behind it as it takes to be removed sooner or later, which is some two hundred bytes";

/** What the selected lines say, by their numbers. */
async function selected(page: Page): Promise<string[]> {
  await page.locator(".row.selected .time").nth(2).waitFor();
  return Promise.all([9000, 9001, 9002].map((seq) => lineText(page, seq)));
}

test("a link to lines stays true when older lines are removed, and when the log is sealed", async () => {
  await using t = await startUp("--task-bytes-max", "1m", "--retain-every", "200ms");
  const go = t.path("go");
  const script = `seq -f 'number %.0f ${padding}' 10000; while [ ! -e ${go} ]; do sleep 0.1; done; echo end`;
  const id = await submit(t, "long", script);
  const address = `http://${t.http}/tasks/${id}`;
  await using opened = await openPage(browser, `${address}#L9000-9002`);
  const { page } = opened;
  const expected = [9000, 9001, 9002].map((n) => `number ${n} ${padding}`);
  expect(await selected(page)).toEqual(expected);

  const info = async () =>
    (await (await fetch(`http://${t.http}/api/v1/tasks/${id}/log/info`)).json()) as { firstSeq: number };
  await until("older lines are removed", async () => (await info()).firstSeq > 1000);
  await page.reload();
  expect(await selected(page)).toEqual(expected);
  await page.keyboard.press("g");
  await page.locator(".row.gap").getByText("removed by retention").waitFor();

  await page.goto(`${address}?include=number`);
  await page.locator(".row .time").first().waitFor();
  await page.keyboard.press("g");
  await page.locator(".row.gap").getByText("removed by retention").waitFor();

  await Bun.write(go, "");
  await t.untilStatus(id, "success");
  await page.goto(`${address}#L9000-9002`);
  await page.reload();
  await page.getByText("Ended: success").waitFor();
  expect(await selected(page)).toEqual(expected);
  expect(page.url()).toBe(`${address}#L9000-9002`);

  // A link to what is gone says so, in its place.
  await page.goto("about:blank");
  await page.goto(`${address}#L10`);
  await page.locator(".row.gap").getByText("removed by retention").waitFor();
  expect(opened.faults).toEqual([]);
}, 60_000);
