// The short form of a day with the page open; `npm run test:day` is the long one.
import { expect, test } from "bun:test";
import { launchChromium } from "./chromium.ts";
import { levelsOff, liveThrough } from "./day.ts";

test("what the page holds levels off, however many lines and tasks go by and connections break", async () => {
  const browser = await launchChromium();
  try {
    const day = { parts: 2, roundsPerPart: 4, linesPerRound: 30_000, tasksPerRound: 800 };
    expect(levelsOff(await liveThrough(browser, day))).toEqual([]);
  } finally {
    await browser.close();
  }
});
