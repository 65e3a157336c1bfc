// A day of a tab that is left open, in short: lines come for as long, tasks come and go, connections break, and somebody
// looks around now and then. What the page holds after each part of it is measured, garbage taken away first.
import type { Browser, Page } from "playwright-core";
import { until } from "../helpers/until.ts";
import { openPage, seenLines } from "./chromium.ts";
import { FixtureLog } from "./fixture/fixture-log.ts";
import { startFixture } from "./fixture/fixture-server.ts";
import { sampleTask } from "./fixture/sample-tasks.ts";

export interface Day {
  /** Parts of equal length, each with a measurement at its end. */
  parts: number;
  /** In each part. */
  roundsPerPart: number;
  linesPerRound: number;
  tasksPerRound: number;
}

/** What the page holds. */
export interface Held {
  lines: number;
  tasks: number;
  heapMegabytes: number;
  nodes: number;
  listeners: number;
}

/** Every so many rounds somebody looks at something else for a moment. */
const lookAroundRounds = 5;
const roundMs = 120_000;

/** Resolves to a measurement for each part; `told` hears of each at once. */
export async function liveThrough(
  browser: Browser,
  day: Day,
  told: (held: Held) => void = () => {},
): Promise<Held[]> {
  const log = new FixtureLog({ id: "task-day", lines: 1000, rate: 0.0001 });
  const other = new FixtureLog({ id: "task-other", lines: 20_000 });
  const tasks = [
    sampleTask("task-day", "day", "running", { createdMs: Date.now() - 1000 }),
    sampleTask("task-other", "other", "success"),
  ];
  await using fixture = startFixture(tasks, [log, other]);
  await using opened = await openPage(browser, `${fixture.url}/tasks/task-day`);
  const { page } = opened;
  const end = async () => (await seenLines(page)).at(-1) === log.nextSeq - 1;
  const all: Held[] = [];
  let made = 0;
  const putTasks = (count: number): void => {
    for (const last = made + count; made < last; ) {
      made += 1;
      const task = sampleTask(`task-${made}`, `job-${made}`, "running", { createdMs: Date.now() });
      fixture.putTask(task);
      fixture.putTask({
        ...task,
        status: made % 9 === 0 ? "failed" : "success",
        finished: new Date().toISOString(),
      });
    }
  };
  // What is bounded fills up before the first part that is measured.
  for (let part = 0; part <= day.parts; part += 1) {
    for (let round = 0; round < day.roundsPerPart; round += 1) {
      log.grow(day.linesPerRound);
      putTasks(day.tasksPerRound);
      fixture.cut();
      if (round % 2 === 0) fixture.cutFeeds();
      await until("the end is shown", end, { timeoutMs: roundMs });
      if (round % lookAroundRounds === 0) await lookAround(page);
    }
    if (part === 0) continue;
    const held = { lines: log.nextSeq - 1, tasks: made, ...(await measure(page)) };
    all.push(held);
    told(held);
  }
  if (opened.faults.length > 0) throw new Error(opened.faults.join("\n"));
  return all;
}

/** Another log, the list, a search, a filter; and back to the end. */
async function lookAround(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("other");
  await page.getByRole("option", { name: "other" }).click();
  await page.locator(`.row[data-seq="20000"]`).first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("request 199 failed");
  await page.keyboard.press("Enter");
  await page.locator(".row.current mark").first().waitFor();
  await page.locator(".brand").click();
  await page.locator("tbody tr").first().waitFor();
  await page.goBack();
  await page.goBack();
  await page.locator('[aria-label="Log of day"] .row .time').first().waitFor();
  await page.keyboard.press("f");
  await page.keyboard.press("G");
}

async function measure(page: Page): Promise<Omit<Held, "lines" | "tasks">> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable");
  for (let i = 0; i < 3; i += 1) await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  await cdp.detach();
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return {
    heapMegabytes: Math.round(of("JSHeapUsedSize") / 1e5) / 10,
    nodes: of("Nodes"),
    listeners: of("JSEventListeners"),
  };
}

/** What grew from the first measurement, when all that is bounded is full, to the last; none when all is well. */
export function levelsOff(all: readonly Held[]): string[] {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined || first === last) return ["it was measured once only"];
  const bounds = {
    heapMegabytes: first.heapMegabytes + 4,
    nodes: first.nodes * 1.05 + 500,
    listeners: first.listeners * 1.05 + 50,
  };
  return (Object.keys(bounds) as (keyof typeof bounds)[])
    .filter((name) => !(last[name] <= bounds[name]))
    .map((name) => `${name} grew from ${first[name]} to ${last[name]}`);
}
