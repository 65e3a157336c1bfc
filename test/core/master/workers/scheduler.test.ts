import { expect, test } from "bun:test";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { MetricsRegistry } from "../../../../src/core/master/http/metrics.ts";
import { openSqliteStore } from "../../../../src/core/master/store/open-store.ts";
import { PatientStore } from "../../../../src/core/master/store/patient-store.ts";
import { MasterEvents } from "../../../../src/core/master/tasks/events.ts";
import { TaskBook } from "../../../../src/core/master/tasks/task-book.ts";
import { DiskMetrics } from "../../../../src/core/master/workers/disk-metrics.ts";
import { Scheduler } from "../../../../src/core/master/workers/scheduler.ts";
import { Workers } from "../../../../src/core/master/workers/workers.ts";
import { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { until } from "../../../helpers/until.ts";

test("wake-ups - a change that comes just when a look has ended is looked at, too", async () => {
  await using dir = await tempDir();
  const logger = silentLogger;
  await using store = new PatientStore(await openSqliteStore(dir.path), logger);
  const events = new MasterEvents();
  const book = await TaskBook.load(store, events);
  const disks = new DiskMetrics(new MetricsRegistry(), () => true);
  const workers = await Workers.load({ store, book, events, disks, logger, lostAfterMs: 60_000 });
  const scheduler = new Scheduler(book, workers, logger);
  const spec = TaskSpec.fromPartial({ command: ["true"] });
  const { id } = await book.submit({ spec, userId: "ada", requestId: "" });
  const isExplained = () => book.peek(id)?.detail === "waits for a worker: none is connected";
  // A look has nothing to wait for here: it ends in the turn that it began in, and what follows it is a few turns away.
  for (let turns = 0; turns < 12; turns++) {
    await until("the scheduler rests", isExplained);
    workers.changed.notify();
    for (let turn = 0; turn < turns; turn++) await null;
    book.explain(id, "");
    workers.changed.notify();
    await until(`a change after ${turns} turns is looked at`, isExplained, { timeoutMs: 2000 });
  }
  await scheduler.close();
  workers.close();
  expect(isExplained()).toBe(true);
});
