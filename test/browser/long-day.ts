// A whole day with the page open, `npm run test:day`: as many lines, tasks and broken connections as a busy day has, as
// fast as they can be shown. Prints what the page holds after each part; exits with 1 when it does not level off.
import { launchChromium } from "./chromium.ts";
import { levelsOff, liveThrough } from "./day.ts";

const browser = await launchChromium();
try {
  const day = { parts: 12, roundsPerPart: 40, linesPerRound: 25_000, tasksPerRound: 100 };
  const faults = levelsOff(await liveThrough(browser, day, (held) => console.log(JSON.stringify(held))));
  for (const fault of faults) console.log(`FAIL ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await browser.close();
}
