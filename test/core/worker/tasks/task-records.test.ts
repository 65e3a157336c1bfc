import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import {
  damagedRecords,
  readCompletion,
  type TaskRecord,
  TaskRecords,
} from "../../../../src/core/worker/tasks/task-records.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";

function record(taskId: string, change: Partial<TaskRecord> = {}): TaskRecord {
  return {
    taskId,
    spec: TaskSpec.fromPartial({}),
    userId: "ada",
    runtime: "docker",
    status: "running",
    handle: "",
    startedMs: 0,
    stopRequested: false,
    ...change,
  };
}

const completion = {
  status: "success" as const,
  signal: "",
  reason: "",
  message: "",
  lastSeq: 3,
  lines: 3,
  bytes: 6,
  startedMs: 1,
  finishedMs: 2,
  checksum: "crc32:0",
};

test("records are found again, and completions beside a running worker", async () => {
  await using dir = await tempDir();
  const records = new TaskRecords(dir.path, () => "worker-1");
  records.save(record("a"));
  records.save(record("a", { status: "success", completion }));
  expect(readCompletion(dir.path, "a")).toEqual(completion);
  expect(readCompletion(dir.path, "b")).toBeUndefined();
  records.close();
  const again = new TaskRecords(dir.path, () => "worker-2");
  expect([again.workerId, again.get("a")?.status, again.open()]).toEqual(["worker-1", "success", []]);
  again.close();
  expect(readCompletion(join(dir.path, "nowhere"), "a")).toBeUndefined();
});

test("what the disk does not take counts all the same, and is written when it can be", async () => {
  await using dir = await tempDir();
  const records = new TaskRecords(dir.path, () => "worker-1");
  const other = new Database(join(dir.path, "worker.db"));
  other.run("CREATE TRIGGER full BEFORE INSERT ON tasks BEGIN SELECT RAISE(ABORT, 'no room'); END");
  records.save(record("a", { handle: "first" }));
  records.save(record("b"));
  records.save(record("a", { handle: "second" }));
  let isSaved = false;
  const saved = records.saved("a").then(() => (isSaved = true));
  await Bun.sleep(0);
  expect(isSaved).toBe(false);
  expect(records.get("a")?.handle).toBe("second");
  expect(records.all().map(({ taskId }) => taskId)).toEqual(["a", "b"]);
  expect(other.query("SELECT * FROM tasks").all()).toEqual([]);
  other.run("DROP TRIGGER full");
  await saved;
  expect(other.query("SELECT task_id FROM tasks ORDER BY 1").values()).toEqual([["a"], ["b"]]);
  await records.saved("a");
  other.close();
  records.close();
});

test("rows that cannot be understood are told and left out, and the others are there", async () => {
  await using dir = await tempDir();
  const before = new TaskRecords(dir.path, () => "w");
  for (const id of ["good", "no-json", "other", "open-end"]) before.save(record(id));
  before.close();
  const file = new Database(join(dir.path, "worker.db"));
  file.run("UPDATE tasks SET record = '{' WHERE task_id = 'no-json'");
  file.run("UPDATE tasks SET record = 'null' WHERE task_id = 'other'");
  file.run("UPDATE tasks SET record = json_set(record, '$.status', 'success') WHERE task_id = 'open-end'");
  file.run("INSERT INTO notes (key, value) VALUES ('n', '{')");
  file.close();
  const said: string[] = [];
  const records = new TaskRecords(
    dir.path,
    () => "w",
    (message) => void said.push(message),
  );
  expect(records.all().map(({ taskId }) => taskId)).toEqual(["good"]);
  expect(records.get("no-json")).toBeUndefined();
  expect(records.noted("n")).toBeUndefined();
  expect(readCompletion(dir.path, "no-json")).toBeUndefined();
  records.close();
  expect(said.length).toBe(4);
  expect(damagedRecords(dir.path).length).toBe(3);
});
