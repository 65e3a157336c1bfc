// A real browser for the tests of the page, started once for a file, and pages of it whose faults are collected.
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { findChromium } from "../../scripts/chromium.mjs";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Throws a sentence when there is no Chromium. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error(
      "the tests of the page need Chromium: apt-get install chromium, or name one in TASKLOG_TEST_CHROMIUM",
    );
  }
  return chromium.launch({ executablePath, args: flags });
}

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, refusals of the Content-Security-Policy, warnings. A test ends by expecting none. */
  readonly faults: string[];
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 }, ...options });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    const lost = /WebSocket|ERR_|Failed to load resource/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !lost) faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** The numbers of the lines that can be seen, from top to bottom. */
export function seenLines(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const view = document.querySelector(".lines")?.getBoundingClientRect();
    if (view === undefined) return [];
    return [...document.querySelectorAll(".row .number")]
      .filter((number) => {
        const { top, bottom } = number.getBoundingClientRect();
        return bottom > view.top + 1 && top < view.bottom - 1;
      })
      .map((number) => Number(number.textContent));
  });
}

/** The text of the row of a line. */
export async function lineText(page: Page, seq: number): Promise<string> {
  return (await page.locator(`.row[data-seq="${seq}"] .text`).textContent()) ?? "";
}
