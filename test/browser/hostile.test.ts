// What strangers write, in lines and in all that is said about a task: it is shown as text, and nothing of it acts.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium, lineText, openPage } from "./chromium.ts";
import { FixtureLog } from "./fixture/fixture-log.ts";
import { type Fixture, startFixture } from "./fixture/fixture-server.ts";
import { hostileTexts, sampleTask } from "./fixture/sample-tasks.ts";

const mebibyte = 1024 * 1024;
const script = '<img src=x onerror="globalThis.owned=1"><script>globalThis.owned=1</script>';
const esc = "\u001b";
/** As the page must say it: the name of what hides or turns text, in brackets. */
const evil = `${script} \u202egnp.exe\u0000`;
const harmless = `${script} [RLO]gnp.exe[NUL]`;

let browser: Browser;
let fixture: Fixture;
let base = "";

beforeAll(async () => {
  browser = await launchChromium();
  const texts = [
    ...hostileTexts,
    `big ${"x".repeat(mebibyte)}`,
    `${`${esc}[31m<b>${esc}[0m`.repeat(80_000)} end`,
    "(".repeat(mebibyte),
    `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
    "a".repeat(43),
  ].map((text) => ({ text }));
  const said = {
    ...{ image: evil, command: ["sh", "-c", evil], worker: evil, user: evil, detail: evil, message: evil },
    labels: { [evil]: evil },
  };
  fixture = startFixture(
    [
      sampleTask("task-hostile", "hostile", "failed"),
      sampleTask("task-evil", evil, "failed", { ...said, exitCode: 1, reason: "image" }),
    ],
    [
      new FixtureLog({ id: "task-hostile", lines: texts.length, texts }),
      new FixtureLog({ id: "task-evil", lines: 3 }),
    ],
  );
  base = fixture.url;
});

afterAll(async () => {
  await browser?.close();
  await fixture?.[Symbol.asyncDispose]();
});

/** Nothing ran, nothing was made an element, and no character is left that turns text around. */
async function expectHarmless(page: Page): Promise<void> {
  const found = await page.evaluate(() => ({
    owned: (globalThis as Record<string, unknown>)["owned"],
    elements: document.querySelectorAll("main img, main script, main b, dialog img, [style*=url]").length,
    turning: /[\u202a-\u202e\u2066-\u2069\u0000]/.test(
      [
        ...[document.title, document.body.textContent],
        ...[...document.querySelectorAll("*")].flatMap((one) =>
          [...one.attributes].map(({ value }) => value),
        ),
      ].join(),
    ),
  }));
  expect(found).toEqual({ owned: undefined, elements: 0, turning: false });
}

/** Counts the processor time of the page's own thread from now on; what it resolves to tells it, in ms. */
async function startBusyClock(page: Page): Promise<() => Promise<number>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN) * 1000;
  };
}

test("hostile lines are shown as text, and nothing of them acts", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-hostile`);
  const { page } = opened;
  await page.waitForSelector('.row[data-seq="13"]');
  expect(await lineText(page, 2)).toBe(hostileTexts[1] as string);
  expect(await lineText(page, 3)).toBe(hostileTexts[2] as string);
  expect(await lineText(page, 4)).toBe("right to left: RLOevilPDF and LRIisolatedPDI, zeroZWSPwidth");
  expect(await lineText(page, 5)).toBe("title:  bell BEL and null NUL");
  expect(await lineText(page, 6)).toBe("cleared? red truecolor table");
  expect(await lineText(page, 7)).toBe("link: click end");
  expect(await lineText(page, 8)).toBe("progress 100 %");
  expect(await lineText(page, 13)).toBe("clipboard:  device:  move end");
  expect(await page.title()).toBe("hostile · tasklog");
  const colour = await page
    .getByText("truecolor")
    .evaluate((span) => (span as HTMLElement).style.getPropertyValue("--ink"));
  expect(colour).toBe("rgb(255, 128, 0)");
  await expectHarmless(page);
  expect(opened.faults).toEqual([]);
});

test("what is said about a task is shown as text: in the list, on its page, in the palette, in merged logs", async () => {
  await using opened = await openPage(browser, base);
  const { page } = opened;
  const link = page.getByRole("link", { name: harmless });
  await link.waitFor();
  expect(await page.locator("tr", { has: link }).locator(".cell-image").textContent()).toBe(harmless);
  await expectHarmless(page);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("gnp");
  await page.getByRole("option", { name: harmless }).waitFor();
  await expectHarmless(page);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/tasks/task-evil");
  await page.waitForSelector(".row .time");
  expect(await page.locator(".pane-name").textContent()).toBe(harmless);
  expect(await page.title()).toBe(`${harmless} · tasklog`);
  await expectHarmless(page);
  await page.goto(`${base}/tasks/task-evil,task-hostile?view=merged`);
  await page.locator(".origin", { hasText: "gnp.exe" }).first().waitFor();
  await expectHarmless(page);
  expect(opened.faults).toEqual([]);
});

test("lines of a mebibyte are cut on the screen, unfold when asked, and do not freeze the page", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-hostile`);
  const { page } = opened;
  await page.waitForSelector('.row[data-seq="16"]');
  const busyMs = await startBusyClock(page);
  expect(await lineText(page, 14)).toEndWith("1,048,580 characters");
  expect((await lineText(page, 15)).length).toBeLessThan(10_000);
  await page.locator('.row[data-seq="14"] .fold').click();
  await page.waitForFunction(
    () => (document.querySelector('.row[data-seq="14"] .text')?.textContent?.length ?? 0) > 1_048_576,
  );
  await page.keyboard.press("w");
  await page.keyboard.press("g");
  await page.keyboard.press("G");
  await page.waitForSelector('.row[data-seq="16"]');
  // Whatever else the machine does: half a second is usual.
  expect(await busyMs()).toBeLessThan(3000);
  await expectHarmless(page);
  expect(opened.faults).toEqual([]);
});

test("deep JSON is laid out as far as it can be read, says so, and does not freeze the page, also when loaded anew", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-hostile`);
  const { page } = opened;
  await page.waitForSelector('.row[data-seq="17"]');
  const busyMs = await startBusyClock(page);
  await page.locator('.row[data-seq="17"] .fold').click();
  await page.waitForSelector('.row[data-seq="17"] .fold[aria-expanded="true"]');
  expect(await lineText(page, 17)).toEndWith("more than 4000 words: the rest is as it was written");
  expect(await busyMs()).toBeLessThan(3000);
  await page.evaluate(() => localStorage.setItem("tasklog.unfold-json", "true"));
  await page.reload();
  const busyAgainMs = await startBusyClock(page);
  await page.waitForSelector('.row[data-seq="17"] .fold[aria-expanded="true"]');
  expect(await busyAgainMs()).toBeLessThan(3000);
  expect(opened.faults).toEqual([]);
});

test("a pattern that would freeze a browser is answered, and marks nothing that is not found", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-hostile`);
  const { page } = opened;
  await page.waitForSelector('.row[data-seq="18"]');
  const busyMs = await startBusyClock(page);
  await page.keyboard.press("/");
  await page.getByRole("button", { name: "Regular expression" }).click();
  await page.locator("[data-find]").fill("(a|a)*b");
  await page.waitForSelector(".row mark");
  expect(await page.locator('.row[data-seq="18"] mark').count()).toBe(0);
  await page.locator("[data-find]").fill("(?i)A{43}$");
  await page.waitForSelector('.row[data-seq="18"] mark');
  expect(await busyMs()).toBeLessThan(3000);
  expect(opened.faults).toEqual([]);
});
