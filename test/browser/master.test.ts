// The page and the specification's snippet on a real tasklog: the built executable, a master, a worker, tasks that print.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";
import { launchChromium, openPage, seenLines } from "./chromium.ts";
import { serving, startUp, submit } from "./process-tasks.ts";

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
});

test("the specification's snippet, unchanged but for its host, gets every line and the status", async () => {
  await using t = await startUp();
  const id = await submit(
    t,
    "snippet",
    "for i in 1 2 3; do echo line $i; sleep 0.2; done; echo '<b>last</b>'",
  );
  await using opened = await openPage(browser, `http://${t.http}/`);
  const got = await opened.page.evaluate(
    ([host, task]) =>
      new Promise<{ lines: string[]; status: string }>((resolve) => {
        const lines: string[] = [];
        const appendLog = (content: string) => lines.push(content);
        const showStatus = (status: string) => resolve({ lines, status });

        const ws = new WebSocket(`ws://${host}/logs/${task}`);

        ws.onmessage = (event) => {
          const data = JSON.parse(event.data);
          if (data.type === "log") {
            appendLog(data.content);
            if (data.isComplete) {
              showStatus(data.status);
            }
          }
        };
      }),
    [t.http, id],
  );
  expect(got.status).toBe("success");
  expect(got.lines.filter((line) => line !== "")).toEqual(["line 1", "line 2", "line 3", "<b>last</b>"]);
});

test("a task appears in the list, its lines are followed live, it is cancelled and run again", async () => {
  await using t = await startUp();
  await using opened = await openPage(browser, `http://${t.http}/`);
  const { page } = opened;
  await page.getByText("No task yet.").waitFor();
  const id = await submit(t, "clock", "i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.05; done");
  await page.getByRole("link", { name: "clock" }).click();
  await page.waitForURL(`**/tasks/${id}`);
  await page.getByText("tick 40", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Cancel clock" }).click();
  await page.getByText("Ended: cancelled").waitFor();
  const seen = await seenLines(page);
  expect(seen).toEqual(seen.map((_, i) => (seen[0] as number) + i));
  await page.getByRole("button", { name: "Run again: clock" }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(id));
  await page.getByText("tick 5", { exact: true }).waitFor();
  expect(opened.faults).toEqual([]);
});

test("the list says why a task waits, and that it was cancelled, while one looks", async () => {
  await using t = await startUp();
  await using opened = await openPage(browser, `http://${t.http}/`);
  const { page } = opened;
  await page.getByText("No task yet.").waitFor();
  const waits = ["--runtime", "process", "--constraint", "gpu=yes", "--name", "train", "--", "true"];
  expect((await t.run("run", "--detach", ...waits)).code).toBe(0);
  await page.getByText("waits for a worker that meets gpu=yes").waitFor();
  await page.getByRole("button", { name: "Cancel train" }).click();
  await page.getByRole("button", { name: "Run again: train" }).waitFor();
  await page.getByText("cancelled before it was started").waitFor();
  expect(opened.faults).toEqual([]);
});

test("ten million lines of a finished task: the end at once, the middle, a find, and its name becomes its id", async () => {
  await using t = await startUp();
  const id = await submit(t, "ten", "seq -f 'INFO request %.0f handled' 10000000");
  const isDone = async () => (await t.tasks()).some((task) => task.id === id && task.status === "success");
  await until("ten million lines are written", isDone, { timeoutMs: 100_000, everyMs: 500 });
  await using opened = await openPage(browser, `http://${t.http}/tasks/ten`);
  const { page } = opened;
  const startedMs = performance.now();
  await page.goto(`http://${t.http}/tasks/${id}`);
  await page.waitForSelector('.row[data-seq="10000000"]');
  expect(performance.now() - startedMs).toBeLessThan(5000);
  await page.goto(`http://${t.http}/tasks/ten#L5000000`);
  await page.waitForSelector('.row.selected[data-seq="5000000"] .time');
  expect(page.url()).toEndWith(`/tasks/${id}#L5000000`);
  await page.keyboard.press("/");
  await page.keyboard.type("request 123456 ");
  await page.keyboard.press("Shift+Enter");
  await page.waitForSelector('.row.current[data-seq="123456"] mark', { timeout: 60_000 });
  expect(opened.faults).toEqual([]);
}, 180_000);

test("a master that is killed and started again: the page goes on, each line once", async () => {
  await using t = await Tasklog.create();
  const first = await t.master(...serving);
  t.worker("one", "--runtime", "process");
  await t.untilWorkers(1);
  const id = await submit(
    t,
    "long",
    "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo number $i; sleep 0.02; done",
  );
  await using opened = await openPage(browser, `http://${t.http}/tasks/${id}`);
  const { page } = opened;
  await page.getByText("number 30", { exact: true }).waitFor();
  await page.evaluate(() => {
    // Every line that is ever drawn, and how often its text was another one.
    const drawn: Record<string, string[]> = {};
    (globalThis as Record<string, unknown>)["drawn"] = drawn;
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          if (!(node instanceof HTMLElement) || node.dataset["seq"] === undefined) continue;
          const texts = drawn[node.dataset["seq"]] ?? [];
          drawn[node.dataset["seq"]] = texts;
          const text = node.querySelector(".text")?.textContent ?? "";
          if (!texts.includes(text)) texts.push(text);
        }
      }
    }).observe(document.querySelector(".rows") as Element, { childList: true });
  });
  await first.stop("SIGKILL");
  await t.master(...serving);
  await t.untilWorkers(1);
  await page.getByText("number 400", { exact: true }).waitFor({ timeout: 60_000 });
  await page.getByText("Ended: success").waitFor();
  const drawn = await page.evaluate(
    () => (globalThis as unknown as { drawn: Record<string, string[]> }).drawn,
  );
  for (const [seq, texts] of Object.entries(drawn)) expect(texts).toEqual([`number ${seq}`]);
  expect(await page.locator(".row.gap").count()).toBe(0);
  expect(await readThrough(page, 400)).toEqual(Array.from({ length: 400 }, (_, i) => `number ${i + 1}`));
}, 120_000);

/** Scrolls from the beginning to the end; the texts of all lines in the order of their numbers. */
async function readThrough(page: Page, lastSeq: number): Promise<string[]> {
  const texts = new Map<number, string>();
  await page.keyboard.press("g");
  await until("the beginning", async () => (await seenLines(page))[0] === 1);
  await page.mouse.move(600, 500);
  const toTheEnd = async () => {
    for (const [seq, text] of await page.locator(".row[data-seq]").evaluateAll(rowTexts))
      texts.set(Number(seq), text);
    await page.mouse.wheel(0, 400);
    return (await seenLines(page)).at(-1) === lastSeq;
  };
  await until("the end", toTheEnd);
  for (const [seq, text] of await page.locator(".row[data-seq]").evaluateAll(rowTexts))
    texts.set(Number(seq), text);
  return [...texts].sort(([a], [b]) => a - b).map(([, text]) => text);
}

function rowTexts(rows: (HTMLElement | SVGElement)[]): [seq: string, text: string][] {
  return rows.map((row) => [row.dataset["seq"] ?? "", row.querySelector(".text")?.textContent ?? ""]);
}
