// Logs that grow while nothing bounds them are warned about.
import { expect, test } from "bun:test";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { LogUpkeep } from "../../../../src/core/worker/logs/log-upkeep.ts";
import { TaskLogs } from "../../../../src/core/worker/logs/task-logs.ts";
import { type TaskRecord, TaskRecords } from "../../../../src/core/worker/tasks/task-records.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { batchOf } from "../../log/batches.ts";

test("a running task's large log is warned about once, by its bytes on disk, where nothing bounds it", async () => {
  await using dir = await tempDir();
  const records = new TaskRecords(dir.path, () => "worker");
  const logs = new TaskLogs(dir.path, {});
  for (const [taskId, status] of [
    ["empty-lines", "running"],
    ["short", "running"],
  ] as const)
    records.save({ taskId, status, spec: {}, handle: "" } as TaskRecord);
  const warnings: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  const upkeep = (bounds: object) => new LogUpkeep({ records, logs, bounds, logger, largeBytes: 2000 });
  // Without any text, 100 lines take more than 2000 bytes.
  (await logs.open("empty-lines")).append(batchOf(...Array.from({ length: 100 }, () => "")));
  (await logs.open("short")).append(batchOf("one"));
  await logs.close();
  const bounded = upkeep({ taskBytesMax: 1e9 });
  await bounded.enforce();
  expect(warnings).toEqual([]);
  const unbounded = upkeep({});
  await unbounded.enforce();
  await unbounded.enforce();
  expect(warnings).toEqual([
    expect.stringMatching(/the log of empty-lines takes more than 2000 bytes.*-bytes-max/),
  ]);
  for (const each of [bounded, unbounded]) await each.close();
  records.close();
});
