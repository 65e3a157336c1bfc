// The list of tasks, the keyboard, the look on a narrow screen and in the dark, and what axe has to say.
import { afterAll, beforeAll, expect, test } from "bun:test";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { until } from "../helpers/until.ts";
import { launchChromium, openPage } from "./chromium.ts";
import { type Fixture, startFixture } from "./fixture/fixture-server.ts";
import { samples, sampleTask } from "./fixture/sample-tasks.ts";

let browser: Browser;
let fixture: Fixture;
let base = "";

beforeAll(async () => {
  browser = await launchChromium();
  const nowMs = Date.now();
  fixture = startFixture(samples.tasks(nowMs), samples.logs(nowMs));
  base = fixture.url;
});

afterAll(async () => {
  await browser?.close();
  await fixture?.[Symbol.asyncDispose]();
});

test("tasks appear and change live, are searched as one types, and cancelled", async () => {
  await using opened = await openPage(browser, base);
  const { page } = opened;
  await page.getByRole("link", { name: "shop-api" }).waitFor();
  fixture.putTask(sampleTask("task-new", "brand-new", "running", { createdMs: Date.now() }));
  await page.getByRole("link", { name: "brand-new" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("k6");
  await until("one row", async () => (await page.locator("tbody tr").count()) === 1);
  await page.getByRole("button", { name: "Cancel load-test" }).click();
  await page.getByText("load-test is being cancelled.").waitFor();
  await page.getByRole("button", { name: "Run again: load-test" }).waitFor();
  await page.locator("td.cell-status", { hasText: "cancelled" }).waitFor();
  await page.locator("[data-task-search]").fill("team=shop");
  await page.getByRole("button", { name: "Failed", exact: true }).click();
  await until("only failed ones", async () => (await page.locator("tbody .status-success").count()) === 0);
  expect(opened.faults).toEqual([]);
});

test("tasks older than those that the feed begins with are found by what one types", async () => {
  const many = Array.from({ length: 1200 }, (_, i) =>
    sampleTask(`task-${i}`, `job-${i}`, "success", { createdMs: 1_700_000_000_000 + i }),
  );
  await using old = startFixture(many, []);
  await using opened = await openPage(browser, old.url);
  const { page } = opened;
  await page.getByRole("link", { name: "job-1199" }).waitFor();
  await page.locator("[data-task-search]").fill("job-17");
  await page.getByRole("link", { name: "job-17", exact: true }).waitFor();
  expect(opened.faults).toEqual([]);
});

test("Ctrl-K goes to a task, ? shows the keys, and a task that is not there is told", async () => {
  await using opened = await openPage(browser, base);
  const { page } = opened;
  await page.getByRole("link", { name: "shop-api" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("nightly");
  await page.getByRole("option", { name: "nightly-import" }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/tasks/task-gaps");
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.goBack();
  await page.getByRole("heading", { name: "Tasks" }).waitFor();
  await page.goto(`${base}/tasks/task-none`);
  await page.getByText("There is no task task-none.").waitFor();
});

test("a task that waits says why", async () => {
  await using opened = await openPage(browser, `${base}/tasks/task-wait`);
  await opened.page.locator(".empty", { hasText: "No worker with gpu=yes is connected." }).waitFor();
});

for (const path of ["/", "/tasks/task-live", "/tasks/task-hostile"]) {
  test(`at 360 px nothing scrolls sideways: ${path}`, async () => {
    await using opened = await openPage(browser, base + path, { viewport: { width: 360, height: 640 } });
    const { page } = opened;
    await page.waitForSelector(path === "/" ? "tbody tr" : ".row .number");
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.body.scrollWidth,
      innerWidth,
    ]);
    expect(widths).toEqual([360, 360, 360]);
    const outside = await page.evaluate(
      () =>
        [...document.querySelectorAll("button, input, a.button")].filter(
          (one) => one.getBoundingClientRect().right > innerWidth + 1,
        ).length,
    );
    expect(outside).toBe(0);
  });
}

async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: run } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await run.run()).violations;
  });
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(({ html }) => html.slice(0, 160))
        .slice(0, 3)
        .join(" | ")}`,
  );
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const path of [
    "/",
    "/tasks/task-hostile",
    "/tasks/task-gaps?include=INFO",
    "/tasks/task-gaps,task-old1",
    "/tasks/task-gaps,task-old1?view=merged",
  ]) {
    test(`axe finds nothing: ${path}, ${colorScheme}`, async () => {
      await using opened = await openPage(browser, base + path, { colorScheme });
      const { page } = opened;
      await page.waitForSelector(path === "/" ? "tbody tr" : ".row .number");
      expect(await axeFindings(page)).toEqual([]);
      if (path === "/") {
        await page.keyboard.press("Control+k");
        await page.getByRole("option").first().waitFor();
      } else if (path.endsWith("hostile")) {
        await page.locator('.row[data-seq="2"] .number').click();
        await page.getByRole("button", { name: "Filter lines" }).click();
        await page.keyboard.press("/");
        await page.keyboard.type("link");
        await page.waitForSelector("mark");
      } else {
        await page.keyboard.press("?");
        await page.getByRole("heading", { name: "Keyboard" }).waitFor();
      }
      expect(await axeFindings(page)).toEqual([]);
    });
  }
}

test("the colours follow the system until they are chosen, and the choice is kept", async () => {
  await using opened = await openPage(browser, base, { colorScheme: "dark" });
  const { page } = opened;
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await ground()).toBe("rgb(18, 21, 27)");
  await page.getByRole("button", { name: "Colours: auto. Change" }).click();
  expect(await ground()).toBe("rgb(255, 255, 255)");
  await page.reload();
  expect(await ground()).toBe("rgb(255, 255, 255)");
});
