// A worker: everything of it put together in the order in which it can be taken apart again. Its tasks do not
// depend on a master: they start, run and are kept whether or not one is connected.
import { mkdir } from "node:fs/promises";
import { lockDataDir } from "../base/data-lock.ts";
import { TasklogError } from "../base/errors.ts";
import { hostName } from "../base/host-name.ts";
import { slotsDefault } from "../base/limits.ts";
import type { Logger } from "../base/logger.ts";
import { tasklogVersion } from "../base/version.ts";
import { createEngine } from "../engine/client/engine.ts";
import { ownContainerId } from "../engine/containers/own-container.ts";
import { LogStreamManager } from "../log/log-stream-manager.ts";
import type { FsyncPolicy } from "../log/segments/segment-writer.ts";
import { TaskLogBroadcaster } from "../log/task-log-broadcaster.ts";
import { WorkerService } from "../rpc/gen/tasklog/v1/worker.ts";
import { createGrpcServer } from "../rpc/grpc-server.ts";
import { type Address, formatAddress } from "../rpc/link/addresses.ts";
import { startWorkerLink } from "../rpc/link/worker-link.ts";
import type { AdoptRules } from "./adopt/adopt-rules.ts";
import { Adopter } from "./adopt/adopter.ts";
import { isAdopted } from "./adopt/known-runs.ts";
import { LogUpkeep, type RetentionBounds, segmentBytesFor } from "./logs/log-upkeep.ts";
import { TaskLogs } from "./logs/task-logs.ts";
import { createDockerRuntime } from "./runtimes/docker/docker-runtime.ts";
import { createProcessRuntime } from "./runtimes/process/process-runtime.ts";
import type { TaskRuntime } from "./runtimes/runtime.ts";
import { createWorkerService } from "./service.ts";
import { engineOf, warnOfMissingEngine } from "./tasks/engine-check.ts";
import { TaskExecutor } from "./tasks/task-executor.ts";
import { TaskRecords } from "./tasks/task-records.ts";
import { TaskReports } from "./tasks/task-reports.ts";
import { workerIdFor } from "./worker-id.ts";

export interface WorkerOptions {
  /** The master to dial; or `listen`, where masters dial this worker. */
  master?: Address | undefined;
  listen?: Address | undefined;
  /** The host's name by default. */
  name?: string | undefined;
  labels?: Record<string, string>;
  /** Tasks at once. */
  slots?: number;
  dataDir: string;
  /** The first is what a task gets that names none. */
  runtimes?: readonly ("docker" | "process")[];
  /** The engine's address as in DOCKER_HOST; found by itself by default. */
  dockerHost?: string | undefined;
  ringLinesMax?: number;
  /** Bytes of text. */
  ringBytesMax?: number;
  batchLinesMax?: number;
  /** The engine's log of a task's container takes so many bytes at most. */
  engineLogBytesMax?: number | undefined;
  /** The rules for the containers it adopts; undefined if it adopts none. */
  adopt?: AdoptRules | undefined;
  /** When lines are flushed to disk: each second by default. */
  fsync?: FsyncPolicy | undefined;
  /** The limits of the logs; everything is kept by default. */
  retention?: RetentionBounds;
  logger: Logger;
}

export interface RunningWorker extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
  /** The address it listens on, with `listen`. */
  readonly address: Address | undefined;
  /**
   * Resolves when a master will not have this worker: the sentence says why and what to do. One that a master has taken
   * before goes on trying.
   */
  readonly dismissed: Promise<TasklogError>;
  /** Ends reading; containers run on and are taken over at the next start. May be called twice. */
  close(): Promise<void>;
}

/**
 * Resolves when the worker is ready and dialling. Throws TasklogError: `busy` (another worker uses the data folder,
 * the port is taken), `incompatible` (a folder of a newer version), `invalid` (a folder that cannot be written).
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { dataDir, logger } = options;
  await using parts = new AsyncDisposableStack();
  await makeDataDir(dataDir);
  parts.use(await lockDataDir(dataDir, "worker"));
  const records = new TaskRecords(
    dataDir,
    () => workerIdFor(dataDir),
    (message) => logger.error(message),
  );
  parts.defer(() => records.close());

  const bounds = options.retention ?? {};
  const logs = new TaskLogs(dataDir, {
    fsync: options.fsync,
    segmentBytesMax: segmentBytesFor(bounds),
    onDamage: (message) => logger.warn(message),
  });
  parts.defer(() => logs.close());
  const reports = new TaskReports();
  const manager = new LogStreamManager((taskId) => openFinished(taskId, records, logs, options));
  const runtimes = (options.runtimes ?? ["docker"]).map((name) => createRuntime(name, records, options));
  const upkeep = new LogUpkeep({ records, logs, bounds, logger });
  parts.defer(() => upkeep.close());
  const executor = new TaskExecutor(runtimes, {
    records,
    reports,
    logs,
    manager,
    upkeep,
    logger,
    ring: options,
  });
  parts.defer(() => executor.close());

  const dismissed = Promise.withResolvers<TasklogError>();
  let wasAccepted = false;
  const name = options.name ?? hostName();
  const server = createGrpcServer();
  const describe = async () => ({
    id: records.workerId,
    name,
    labels: options.labels ?? {},
    slots: options.slots ?? slotsDefault,
    running: executor.running,
    version: tasklogVersion,
    runtimes: runtimes.map((runtime) => runtime.name),
    engine: await engineOf(runtimes),
  });
  server.addService(
    WorkerService,
    createWorkerService({
      describe,
      executor,
      reports,
      records,
      manager,
      logs,
      onAccepted: () => {
        wasAccepted = true;
      },
      // A worker that was accepted once goes on trying: another that claims its id must not end it, and may be gone
      // soon.
      onDismissed: (error) => {
        if (wasAccepted) logger.warn(`the master rejected this worker: ${error.message}; trying again`);
        else dismissed.resolve(error);
      },
    }),
  );
  const closing = new AbortController();
  parts.defer(() => closing.abort());
  void warnOfMissingEngine(runtimes, logger, closing.signal);
  await executor.resume();
  const adopter = createAdopter(options, records, executor);
  if (adopter !== undefined) parts.defer(() => adopter.close());
  adopter?.start();
  upkeep.start();

  const where = options.master === undefined ? "" : formatAddress(options.master);
  const link = await startWorkerLink({
    master: options.master,
    listen: options.listen,
    server,
    logger,
    onUp: () => logger.info(`connected to the master at ${where}`),
    onDown: (error) => logger.warn(`${error.message}; trying again; tasks keep running`),
  });
  parts.defer(() => link.close());
  parts.defer(() => server.close());
  const running = parts.move();
  const close = (): Promise<void> => running.disposeAsync();
  return {
    id: records.workerId,
    name,
    address: link.address,
    dismissed: dismissed.promise,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function createRuntime(
  name: "docker" | "process",
  records: TaskRecords,
  options: WorkerOptions,
): TaskRuntime {
  const { dataDir, logger, dockerHost, engineLogBytesMax } = options;
  const { workerId } = records;
  if (name === "process") return createProcessRuntime({ workerId, dataDir, logger });
  return createDockerRuntime({
    workerId,
    logger,
    hasAnswered: records.all().some(({ runtime, handle }) => runtime === name && handle !== ""),
    notes: records,
    engineLogBytesMax,
    ...(dockerHost !== undefined && { host: dockerHost }),
  });
}

/** undefined: there is nothing to follow, and nothing that was followed before. */
function createAdopter(
  { adopt: rules, dockerHost, logger }: WorkerOptions,
  records: TaskRecords,
  executor: TaskExecutor,
): Adopter | undefined {
  if (rules === undefined && !records.open().some(isAdopted)) return undefined;
  const engine = createEngine(dockerHost);
  return new Adopter({ engine, rules, records, executor, ownContainerId: ownContainerId(), logger });
}

async function openFinished(
  taskId: string,
  records: TaskRecords,
  logs: TaskLogs,
  { batchLinesMax }: WorkerOptions,
): Promise<TaskLogBroadcaster | undefined> {
  const completion = records.get(taskId)?.completion;
  if (completion === undefined) return undefined;
  const log = await logs.open(taskId);
  const broadcaster = new TaskLogBroadcaster({
    taskId,
    epoch: log.epoch,
    firstSeq: log.nextSeq,
    history: log,
    ...(batchLinesMax !== undefined && { batchLinesMax }),
  });
  broadcaster.complete(completion);
  return broadcaster;
}

async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new TasklogError(
      "invalid",
      `the data folder ${dataDir} cannot be made (${TasklogError.from(error).message}): choose another with --data-dir`,
      { cause: error },
    );
  }
}
