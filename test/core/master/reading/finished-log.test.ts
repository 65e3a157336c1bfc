// Finished logs whose row is not as it should be: their viewers come to an end, and the master lives on.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { SQL } from "bun";
import { TaskReport } from "../../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import { until } from "../../../helpers/until.ts";
import { MasterFixture, Viewer } from "../master-fixture.ts";

/** A task that has printed three lines and ended, and whose row was then changed while no master ran. */
async function withRow(change: string) {
  const fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const { id } = await fixture.running(worker);
  worker.task(id).print("one", "two", "three");
  worker.task(id).finish("failed", 3);
  await fixture.until(id, ({ status }) => status === "failed");
  // A worker that knows the task reports it again; so this one knows its log and not its end.
  worker.reports.set(TaskReport.fromPartial({ taskId: id, status: "running" }));
  await fixture.restart(async () => {
    const sql = new SQL({ adapter: "sqlite", filename: join(fixture.dataDir, "master.db") });
    await sql.unsafe(`UPDATE tasks SET ${change} WHERE id = '${id}'`);
    await sql.close();
  });
  await until("the worker is back", async () => (await fixture.client.listWorkers())[0]?.connected === true);
  return { fixture, id };
}

test.each([
  ["a final status and no completion", "completion = NULL", "failed"],
  ["a final status, no completion and no worker", "completion = NULL, worker_id = ''", "failed"],
])("a row with %s - a viewer gets what there is and a completion, and the master answers", async (...row) => {
  const [, change, status] = row;
  const { fixture, id } = await withRow(change);
  await using _fixture = fixture;
  const lines = change.includes("worker_id") ? [] : ["1 one", "2 two", "3 three"];
  for (const [start, expected] of [
    [{ $case: "all", value: true }, lines],
    [{ $case: "tail", value: 1 }, lines.slice(-1)],
    [{ $case: "fromSeq", value: 2 }, lines.slice(1)],
    [{ $case: "since", value: { seconds: 1, nanos: 0 } }, lines],
  ] as const) {
    const viewer = new Viewer(fixture.client, id, { start });
    await viewer.done;
    expect(viewer.failure).toBeUndefined();
    expect(viewer.texts).toEqual([...expected]);
    expect(viewer.kinds.filter((kind) => kind !== "batch")).toEqual(["start", "complete"]);
    expect(viewer.lastItem).toMatchObject({
      completion: { status, reason: "unknown", message: "how it ended was not written down" },
    });
  }
  expect((await fixture.client.getTask(id)).id).toBe(id);
});

test("a log that the worker has only in part - the rest is one gap up to the last line", async () => {
  await using fixture = await MasterFixture.start();
  const worker = await fixture.worker();
  const { id } = await fixture.running(worker);
  worker.task(id).print("one", "two");
  worker.task(id).finish("success", 0, { lastSeq: 5, lines: 5 });
  await fixture.until(id, ({ status }) => status === "success");
  for (const [value, texts, fromSeq] of [
    [1, ["1 one", "2 two"], 3],
    [4, [], 4],
  ] as const) {
    const viewer = new Viewer(fixture.client, id, { start: { $case: "fromSeq", value } });
    await viewer.done;
    expect(viewer.texts).toEqual([...texts]);
    expect(viewer.items.slice(-2)).toMatchObject([
      { kind: "gap", fromSeq, toSeq: 5, reason: "the worker has these lines no more" },
      { kind: "complete", completion: { lastSeq: 5 } },
    ]);
  }
});
