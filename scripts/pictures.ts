// Makes the pictures of the page for the README, docs/pictures/*.png: `bun scripts/pictures.ts`. Over the fixture of the
// page's tests, so that they show the same every time. Needs Chromium.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchChromium, openPage } from "../test/browser/chromium.ts";
import { buildPage } from "./build-page.ts";

interface Picture {
  readonly name: string;
  readonly path: string;
  readonly colorScheme: "light" | "dark";
  readonly viewport: { width: number; height: number };
  /** What is shown when this is there. */
  readonly ready: string;
  act?(page: Page): Promise<void>;
}

const wide = { width: 1280, height: 720 };
const narrow = { width: 360, height: 720 };

const pictures: Picture[] = [
  { name: "tasks-light", path: "/", colorScheme: "light", viewport: wide, ready: "tbody tr" },
  {
    name: "log-light",
    path: "/tasks/task-ten#L9999800-9999806",
    colorScheme: "light",
    viewport: wide,
    ready: ".selected .time",
  },
  {
    name: "log-dark",
    path: "/tasks/task-ten",
    colorScheme: "dark",
    viewport: wide,
    ready: ".row .time",
    async act(page) {
      await page.keyboard.press("/");
      await page.keyboard.type("pool exhausted");
      await page.keyboard.press("Enter");
      await page.waitForSelector(".row.current mark");
    },
  },
  {
    name: "side-by-side-dark",
    path: "/tasks/task-live,task-gaps",
    colorScheme: "dark",
    viewport: wide,
    ready: ".row.gap",
  },
  {
    name: "log-narrow",
    path: "/tasks/task-live",
    colorScheme: "dark",
    viewport: narrow,
    ready: ".row .number",
  },
];

const folder = join(import.meta.dir, "../docs/pictures");
await mkdir(folder, { recursive: true });
await buildPage();
// Only now: they import what was just built.
const { startFixture } = await import("../test/browser/fixture/fixture-server.ts");
const { samples } = await import("../test/browser/fixture/sample-tasks.ts");
const nowMs = Date.now();
await using fixture = startFixture(samples.tasks(nowMs), samples.logs(nowMs));
const browser = await launchChromium();
try {
  for (const { name, path, colorScheme, viewport, ready, act } of pictures) {
    const look = { colorScheme, viewport, deviceScaleFactor: 1.5, locale: "en-GB", timezoneId: "UTC" };
    await using opened = await openPage(browser, fixture.url + path, look);
    await opened.page.waitForSelector(ready);
    await act?.(opened.page);
    await opened.page.waitForTimeout(1500); // the strip, which comes last
    await opened.page.screenshot({ path: join(folder, `${name}.png`) });
    console.log(`docs/pictures/${name}.png`);
  }
} finally {
  await browser.close();
}
