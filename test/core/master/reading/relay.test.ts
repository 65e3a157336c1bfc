import { expect, test } from "bun:test";
import { until } from "../../../helpers/until.ts";
import { MasterFixture, Viewer } from "../master-fixture.ts";

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index} line ${from + index}`);
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

test("story - a task is waited for, seen while it prints, and its completion is the last item", async () => {
  await using fixture = await MasterFixture.start();
  const task = await fixture.submit({ name: "story" });
  const viewer = new Viewer(fixture.client, "story");
  await until("the viewer sees why it waits", () =>
    viewer.statuses.some((said) => /no.* connected|none is connected/.test(said)),
  );
  const worker = await fixture.worker();
  await until("the worker has it", () => worker.tasks.has(task.id));
  worker.task(task.id).status("running");
  worker.task(task.id).print("line 1", "line 2");
  await until("the viewer has two lines", () => viewer.texts.length === 2);
  worker.task(task.id).print("line 3");
  worker.task(task.id).finish("failed", 3);
  await viewer.done;
  expect(viewer.failure).toBeUndefined();
  expect(viewer.texts).toEqual(numbered(1, 3));
  expect(viewer.kinds.filter((kind) => kind === "start")).toHaveLength(1);
  expect(viewer.kinds.filter((kind) => kind === "complete")).toHaveLength(1);
  expect(viewer.lastItem).toMatchObject({
    kind: "complete",
    completion: { status: "failed", exitCode: 3, lastSeq: 3 },
  });
  expect(await fixture.client.getTask("story")).toMatchObject({
    status: "failed",
    completion: { exitCode: 3 },
  });
});

test("fan-out - many viewers of a task cost its worker one stream, and all see the same", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  const viewers = Array.from({ length: 20 }, () => new Viewer(fixture.client, task.id));
  worker.task(task.id).print(...texts(1, 50));
  await until("all have seen them", () => viewers.every((viewer) => viewer.texts.length === 50));
  worker.task(task.id).print(...texts(51, 60));
  worker.task(task.id).finish();
  await Promise.all(viewers.map((viewer) => viewer.done));
  for (const viewer of viewers) expect(viewer.texts).toEqual(numbered(1, 60));
  expect(worker.calls.filter((call) => call.startsWith("stream"))).toHaveLength(1);
});

test("the past - what the ring holds no more is read from the worker, tail and from-seq begin where they say", async () => {
  await using fixture = await MasterFixture.start({ ringLinesMax: 64 });
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  for (let at = 1; at < 3000; at += 500) worker.task(task.id).print(...texts(at, at + 499));
  const all = new Viewer(fixture.client, task.id);
  const tail = new Viewer(fixture.client, task.id, { start: { $case: "tail", value: 700 } });
  const from = new Viewer(fixture.client, task.id, { start: { $case: "fromSeq", value: 2990 } });
  const once = new Viewer(fixture.client, task.id, { start: { $case: "tail", value: 5 }, follow: false });
  await once.done;
  expect(once.texts).toEqual(numbered(2996, 3000));
  expect(once.kinds).not.toContain("complete");
  await until("all have caught up", () => all.texts.length === 3000 && tail.texts.length === 700);
  worker.task(task.id).print("line 3001");
  worker.task(task.id).finish();
  await Promise.all([all.done, tail.done, from.done]);
  expect(all.texts).toEqual(numbered(1, 3001));
  expect(tail.texts).toEqual(numbered(2301, 3001));
  expect(from.texts).toEqual(numbered(2990, 3001));
});

test("finished - a finished task is read by ReadLog alone, whole, by tail and without follow", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  worker.task(task.id).print(...texts(1, 1500));
  worker.task(task.id).finish("success");
  await fixture.until(task.id, ({ status }) => status === "success");
  const viewers = [
    new Viewer(fixture.client, task.id),
    new Viewer(fixture.client, task.id, { start: { $case: "tail", value: 3 }, follow: false }),
    new Viewer(fixture.client, task.id, { start: { $case: "fromSeq", value: 1501 } }),
    new Viewer(fixture.client, task.id, { start: { $case: "fromSeq", value: 1400 }, epoch: "another" }),
  ] as const;
  await Promise.all(viewers.map((viewer) => viewer.done));
  expect(viewers.map((viewer) => viewer.lastItem?.kind)).toEqual([
    "complete",
    "complete",
    "complete",
    "complete",
  ]);
  expect(viewers[0].texts).toEqual(numbered(1, 1500));
  expect(viewers[1].texts).toEqual(numbered(1498, 1500));
  expect(viewers[2].texts).toEqual([]);
  expect(viewers[3].items[0]).toMatchObject({ kind: "start", recovered: false });
  expect(viewers[3].texts).toEqual(numbered(1, 1500));
  expect(worker.calls.filter((call) => call.startsWith("stream"))).toEqual([]);
});

test("gone - of a finished task whose worker knows it no more, what it printed is a gap, and its end is known", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  const before = new Viewer(fixture.client, task.id);
  worker.task(task.id).print(...texts(1, 5));
  worker.task(task.id).finish("failed", 3);
  await before.done;
  const [start] = before.items;
  const epoch = start?.kind === "start" ? start.epoch : "";
  worker.tasks.delete(task.id);
  const end = { kind: "complete", completion: { exitCode: 3, lastSeq: 5 } };
  const gap = { kind: "gap", toSeq: 5, reason: expect.stringContaining("has this log no more") };
  const starts = [
    [{ start: { $case: "all", value: true } }, 1],
    [{ start: { $case: "tail", value: 2 }, follow: false }, 4],
    [{ start: { $case: "fromSeq", value: 3 }, epoch }, 3],
    [{ start: { $case: "since", value: { seconds: 1, nanos: 0 } } }, 1],
  ] as const;
  for (const [request, fromSeq] of starts) {
    const viewer = new Viewer(fixture.client, task.id, request);
    await viewer.done;
    expect(viewer.failure).toBeUndefined();
    expect(viewer.items).toMatchObject([{ kind: "start", recovered: true }, { ...gap, fromSeq }, end]);
  }
});

test("resume - a viewer sees that the worker is away, and gets every line once when it is back", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  const viewer = new Viewer(fixture.client, task.id);
  worker.task(task.id).print(...texts(1, 10));
  await until("ten lines", () => viewer.texts.length === 10);
  await worker[Symbol.asyncDispose]();
  await until("the viewer is told", () =>
    viewer.statuses.some((said) => /worker one is away since/.test(said)),
  );
  const late = new Viewer(fixture.client, task.id);
  worker.task(task.id).print(...texts(11, 500)); // more than its ring of 100 holds
  const back = await fixture.worker({ tasks: worker.tasks, reports: worker.reports });
  back.task(task.id).print("line 501");
  back.task(task.id).finish();
  await Promise.all([viewer.done, late.done]);
  expect(viewer.texts).toEqual(numbered(1, 501));
  expect(late.texts).toEqual(numbered(1, 501));
  expect(back.calls.filter((call) => call.startsWith("stream"))).toEqual([`stream ${task.id} from 11`]);
});

test("another epoch - a worker that lost its data cannot continue old numbers: the viewer is told to start anew", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  const viewer = new Viewer(fixture.client, task.id);
  worker.task(task.id).print(...texts(1, 10));
  await until("ten lines", () => viewer.texts.length === 10);
  await worker[Symbol.asyncDispose]();
  worker.tasks.clear();
  const other = await fixture.worker({ reports: worker.reports, tasks: new Map() });
  await fixture.client.getTask(task.id);
  await until("it was asked for", () => other.calls.some((call) => call.startsWith("stream")));
  const { TestTask } = await import("../test-worker.ts");
  other.tasks.set(task.id, new TestTask(task.id, worker.info as never, other.reports));
  other.task(task.id).print("new 1");
  other.task(task.id).finish();
  await viewer.done;
  expect(
    viewer.items
      .filter((item) => item.kind === "start")
      .map((item) => item.kind === "start" && item.recovered),
  ).toEqual([true, false]);
  expect(viewer.texts.at(-1)).toBe("1 new 1");
});

test("away - the log of a finished task whose worker is away is one clear error", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  worker.task(task.id).print("line 1");
  worker.task(task.id).finish();
  await fixture.until(task.id, ({ status }) => status === "success");
  await worker[Symbol.asyncDispose]();
  await until("it is away", async () => (await fixture.client.listWorkers())[0]?.connected === false);
  const viewer = new Viewer(fixture.client, task.id);
  await viewer.done;
  expect(viewer.items).toEqual([]);
  expect(viewer.failure).toMatchObject({
    code: "unavailable",
    message: expect.stringMatching(/worker one is away since/),
  });
});

test("completion - a task that printed nothing, or never started, has a log with no lines and a completion", async () => {
  await using fixture = await MasterFixture.start();
  const pending = await fixture.submit();
  const waiting = new Viewer(fixture.client, pending.id);
  await until("it waits", () => waiting.statuses.length > 0);
  await fixture.client.cancelTask({ task: pending.id });
  await waiting.done;
  expect(waiting.kinds.slice(-2)).toEqual(["start", "complete"]);
  expect(waiting.lastItem).toMatchObject({ completion: { status: "cancelled", lastSeq: 0 } });

  const worker = await fixture.worker();
  const quiet = await fixture.running(worker);
  const during = new Viewer(fixture.client, quiet.id);
  await until("it begins", () => during.kinds.includes("start"));
  worker.task(quiet.id).finish();
  const after = new Viewer(fixture.client, quiet.id);
  await Promise.all([during.done, after.done]);
  for (const viewer of [during, after])
    expect(viewer.lastItem).toMatchObject({ kind: "complete", completion: { lastSeq: 0 } });
});

test("linger - the stream from the worker ends some time after the last viewer has left", async () => {
  await using fixture = await MasterFixture.start({ relayLingerMs: 100 });
  const worker = await fixture.worker();
  const task = await fixture.running(worker);
  const first = new Viewer(fixture.client, task.id);
  await until("it is read", () => worker.task(task.id).log.subscribers === 1);
  await first.leave();
  const second = new Viewer(fixture.client, task.id);
  await until("the second begins", () => second.kinds.includes("start"));
  expect(worker.calls.filter((call) => call.startsWith("stream"))).toHaveLength(1);
  await second.leave();
  await until("nobody reads it", () => worker.task(task.id).log.subscribers === 0);
});
