// A run that tasklog did not start, read by a worker's executor on a real engine.
import { expect, test } from "bun:test";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { createEngine } from "../../../../src/core/engine/client/engine.ts";
import { LogStreamManager } from "../../../../src/core/log/log-stream-manager.ts";
import { LogUpkeep } from "../../../../src/core/worker/logs/log-upkeep.ts";
import { TaskLogs } from "../../../../src/core/worker/logs/task-logs.ts";
import { createDockerRuntime } from "../../../../src/core/worker/runtimes/docker/docker-runtime.ts";
import type { RunSource } from "../../../../src/core/worker/runtimes/runtime.ts";
import { TaskExecutor } from "../../../../src/core/worker/tasks/task-executor.ts";
import { type TaskRecord, TaskRecords } from "../../../../src/core/worker/tasks/task-records.ts";
import { TaskReports } from "../../../../src/core/worker/tasks/task-reports.ts";
import { testImage, useEngine } from "../../../helpers/engine.ts";
import { dockerSpec } from "../../../helpers/engine-spec.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";

const host = await useEngine();

test("an adopted run is read to its end and left as it is, whatever its record says", async () => {
  await using parts = new AsyncDisposableStack();
  const dir = parts.use(await tempDir());
  const { docker } = createEngine(host);
  const container = await docker.createContainer({
    Image: testImage,
    Cmd: ["sh", "-c", "echo one; echo two; exit 3"],
    HostConfig: { NetworkMode: "none" },
  });
  parts.defer(() => container.remove({ force: true }));
  await container.start();

  const records = new TaskRecords(dir.path, () => "worker-adopt");
  parts.defer(() => records.close());
  const logs = new TaskLogs(dir.path, { segmentBytesMax: 1024 * 1024 });
  parts.defer(() => logs.close());
  const upkeep = new LogUpkeep({ records, logs, bounds: {}, logger: silentLogger });
  parts.defer(() => upkeep.close());
  const executor = new TaskExecutor([], {
    records,
    reports: new TaskReports(),
    logs,
    manager: new LogStreamManager(async () => undefined),
    upkeep,
    logger: silentLogger,
    ring: {},
  });
  parts.defer(() => executor.close());

  const runtime = createDockerRuntime({ host, workerId: "worker-adopt", logger: silentLogger });
  const source: RunSource = { reopen: (handle, taken) => runtime.reopen(handle, taken) };
  const record: TaskRecord = {
    taskId: "task-adopted",
    spec: dockerSpec({ keep: false }),
    userId: "",
    runtime: "adopted",
    status: "running",
    handle: container.id,
    startedMs: 0,
    stopRequested: false,
  };
  await executor.readAdopted(record, source);
  expect(records.get(record.taskId)?.completion).toMatchObject({ status: "failed", exitCode: 3, lines: 2 });
  expect((await container.inspect()).State.Status).toBe("exited");
});
