// Where a viewer begins and ends: by time, on one stream; running or finished, the same call.
import { describe, expect, test } from "bun:test";
import { until } from "../../../helpers/until.ts";
import { MasterFixture, Viewer } from "../master-fixture.ts";
import { TestTask } from "../test-worker.ts";

const at = (seconds: number, nanos = 0) => ({ seconds, nanos });
const since = (seconds: number, nanos = 0) => ({ $case: "since", value: at(seconds, nanos) }) as const;

/** A task with two lines for each of the seconds 1001 to 1100, one of them on stderr. */
async function stampedTask(fixture: MasterFixture) {
  const worker = await fixture.worker();
  const { id } = await fixture.running(worker);
  for (let n = 1; n <= 100; n++) worker.task(id).printAt(at(1000 + n), `line ${n}`, `E ${n}`);
  return { worker, id, task: worker.task(id) };
}

describe.each(["running", "finished"])("a %s task", (state) => {
  const isRunning = state === "running";
  const follow = !isRunning;
  const last = isRunning ? "batch" : "complete";

  async function setup(fixture: MasterFixture): Promise<string> {
    const { id, task } = await stampedTask(fixture);
    if (!isRunning) {
      task.finish();
      await fixture.until(id, ({ status }) => status === "success");
    }
    return id;
  }

  test("since - begins with the first line that is not earlier", async () => {
    await using fixture = await MasterFixture.start({ ringLinesMax: 64 });
    const id = await setup(fixture);
    for (const [start, first] of [
      [since(1003), "5 line 3"],
      [since(1003, 1), "7 line 4"],
      [since(1099), "197 line 99"],
      [since(0), "1 line 1"],
    ] as const) {
      const viewer = new Viewer(fixture.client, id, { start, follow });
      await viewer.done;
      expect([viewer.failure, viewer.texts[0], viewer.texts.at(-1)]).toEqual([undefined, first, "200 E 100"]);
      expect(viewer.lastItem?.kind).toBe(last);
      expect(viewer.items.find(({ kind }) => kind === "start")).toMatchObject({
        firstSeq: Number(first.split(" ")[0]),
        nextSeq: 201,
      });
    }
    const none = new Viewer(fixture.client, id, { start: since(5000), follow });
    await none.done;
    expect([none.failure, none.texts]).toEqual([undefined, []]);
  });

  test("until - ends before the first later line, without a completion", async () => {
    await using fixture = await MasterFixture.start();
    const id = await setup(fixture);
    const viewer = new Viewer(fixture.client, id, { start: since(1050), until: at(1051), follow: true });
    await viewer.done;
    expect([viewer.failure, viewer.texts]).toEqual([
      undefined,
      ["99 line 50", "100 E 50", "101 line 51", "102 E 51"],
    ]);
    expect(viewer.kinds).not.toContain("complete");
  });

  test("streams - only lines of one, under their numbers", async () => {
    await using fixture = await MasterFixture.start();
    const id = await setup(fixture);
    const viewer = new Viewer(fixture.client, id, {
      start: { $case: "tail", value: 6 },
      streams: ["stderr"],
      follow,
    });
    await viewer.done;
    expect(viewer.texts).toEqual(["196 E 98", "198 E 99", "200 E 100"]);
  });
});

test("until - a time that is past is not waited for, though the task runs on", async () => {
  await using fixture = await MasterFixture.start();
  const { id } = await stampedTask(fixture);
  const viewer = new Viewer(fixture.client, id, { until: at(2000), follow: true });
  await viewer.done;
  expect([viewer.failure, viewer.texts.length]).toEqual([undefined, 200]);
});

test("until - a time to come ends the stream at the first line that is later", async () => {
  await using fixture = await MasterFixture.start();
  const { id, task } = await stampedTask(fixture);
  const end = Math.floor(Date.now() / 1000) + 1000;
  const viewer = new Viewer(fixture.client, id, { until: at(end), follow: true });
  await until("the viewer has caught up", () => viewer.texts.length === 200);
  task.printAt(at(end), "just in time");
  task.printAt(at(end, 1), "too late");
  await viewer.done;
  expect(viewer.texts.slice(200)).toEqual(["201 just in time"]);
});

test("since - a log that was begun anew is read from that time on again", async () => {
  await using fixture = await MasterFixture.start();
  const { worker, id } = await stampedTask(fixture);
  const viewer = new Viewer(fixture.client, id, { start: since(1099) });
  await until("the viewer has the past", () => viewer.texts.length === 4);
  await worker[Symbol.asyncDispose]();
  const { spec } = worker.task(id);
  worker.tasks.clear();
  const wiped = await fixture.worker({ reports: worker.reports, tasks: new Map() });
  const task = new TestTask(id, spec, wiped.reports);
  wiped.tasks.set(id, task);
  for (let n = 98; n <= 102; n++) task.printAt(at(1000 + n), `line ${n}`);
  task.finish();
  await viewer.done;
  expect(viewer.items.some((item) => item.kind === "start" && !item.recovered)).toBe(true);
  expect(viewer.texts.slice(4)).toEqual(["2 line 99", "3 line 100", "4 line 101", "5 line 102"]);
});
