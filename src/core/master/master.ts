// A master: everything of it put together, in an order in which it can be taken apart again. It holds no lines and
// no state that is not in its store: it may be killed at any time, and its workers' tasks run on meanwhile.
import { lockDataDir } from "../base/data-lock.ts";
import { hostId } from "../base/host-id.ts";
import { lostAfterMs } from "../base/limits.ts";
import type { Logger } from "../base/logger.ts";
import { protocolVersion, tasklogVersion } from "../base/version.ts";
import type { Task } from "../rpc/gen/tasklog/v1/task.ts";
import { createGrpcServer } from "../rpc/grpc-server.ts";
import { addHealth } from "../rpc/health.ts";
import { type Address, formatAddress, requireLoopback } from "../rpc/link/addresses.ts";
import { startListener } from "../rpc/link/listener.ts";
import { addReflection } from "../rpc/reflection.ts";
import { SharingMasterService } from "../rpc/shared-items.ts";
import { workerClientOver } from "../rpc/worker-client.ts";
import { HttpHost } from "./http/http.ts";
import { MetricsRegistry } from "./http/metrics.ts";
import type { Plugin } from "./plugins/plugin.ts";
import { type PluginOptions, Plugins, type PluginUse } from "./plugins/plugin-host.ts";
import type { BuiltinPlugins } from "./plugins/plugin-loading.ts";
import type { PluginDependencies } from "./plugins/running-plugin.ts";
import { createReadTaskLog } from "./reading/read-task-log.ts";
import { Relays } from "./reading/relays.ts";
import { createStreamTaskLogs } from "./reading/stream-task-logs.ts";
import { createOpenUpdates } from "./reading/task-log-updates.ts";
import { createMasterService } from "./service.ts";
import { openSqliteStore } from "./store/open-store.ts";
import { PatientStore } from "./store/patient-store.ts";
import { refuseToTouch } from "./tasks/adopted-tasks.ts";
import { requireCaller, toTaskSpec } from "./tasks/check-spec.ts";
import { MasterEvents } from "./tasks/events.ts";
import { type Submission, TaskBook } from "./tasks/task-book.ts";
import { DiskMetrics } from "./workers/disk-metrics.ts";
import { Dispatch } from "./workers/dispatch.ts";
import { Scheduler } from "./workers/scheduler.ts";
import { keepDialling } from "./workers/worker-dialler.ts";
import { Workers } from "./workers/workers.ts";

/** The relay keeps its stream this long after its last viewer left, in ms. */
const relayLingerMs = 10_000;

export interface MasterOptions {
  /** The address for clients and workers. Port 0: any free one. */
  grpc: Address;
  /** The address where plugins serve HTTP; undefined if they do not. */
  http?: Address | undefined;
  /** Other origins whose pages may call the API, e.g. `https://ci.example`; requests may name their hosts, too. */
  allowOrigins?: readonly string[];
  dataDir: string;
  /** Loaded ones, or names that `builtins`, a path or a package stand for. */
  plugins?: ReadonlyArray<Plugin | PluginUse>;
  builtins?: BuiltinPlugins;
  /** The options by plugin name, including plugins that are not loaded. */
  pluginOptions?: PluginOptions;
  /** Workers that listen and are to be dialled. */
  workers?: readonly Address[];
  /** A worker that stays away this long makes its tasks lost, in ms. */
  lostAfterMs?: number | undefined;
  /** A relay keeps its stream this long after its last viewer, in ms. */
  relayLingerMs?: number | undefined;
  /** The limits of each relayed task's ring; bytes are of text. */
  ringLinesMax?: number | undefined;
  ringBytesMax?: number | undefined;
  batchLinesMax?: number | undefined;
  /** Take addresses beyond loopback. */
  insecure?: boolean;
  logger: Logger;
}

export interface Master extends AsyncDisposable {
  readonly masterId: string;
  /** The addresses with the ports that were bound. */
  readonly grpcAddress: Address;
  readonly httpAddress: Address | undefined;
  /** Names of the plugins that work. */
  readonly plugins: readonly string[];
  /** Ends clients' streams with "unavailable", then plugins; tasks run on. May be called twice. */
  close(): Promise<void>;
}

const masterService = "tasklog.v1.Master";

/**
 * Resolves when clients and workers can come.
 * @throws TasklogError "busy" (port or data folder in use), "incompatible" (a folder of a newer version),
 * "not_permitted" (a folder that cannot be written, an address beyond loopback), "usage" (no address of this host).
 */
export async function startMaster(options: MasterOptions): Promise<Master> {
  const { dataDir, logger, insecure = false } = options;
  requireLoopback(options.grpc, insecure, "--grpc");
  if (options.http !== undefined) requireLoopback(options.http, insecure, "--http");
  for (const worker of options.workers ?? []) requireLoopback(worker, insecure, "--worker");

  await using parts = new AsyncDisposableStack();
  parts.use(await lockDataDir(dataDir, "master"));
  const store = parts.use(
    new PatientStore(await openSqliteStore(dataDir, (message) => logger.error(message)), logger),
  );
  const events = new MasterEvents();
  const book = await TaskBook.load(store, events);
  parts.defer(() => book.settle());
  const metrics = new MetricsRegistry();
  const workers = await Workers.load({
    store,
    book,
    events,
    disks: new DiskMetrics(metrics, (taskId) => book.peek(taskId) !== undefined),
    logger,
    lostAfterMs: options.lostAfterMs ?? lostAfterMs,
  });
  parts.defer(() => workers.close());
  const relays = new Relays({ ...options, book, workers, lingerMs: options.relayLingerMs ?? relayLingerMs });
  parts.defer(() => relays.close());
  const { batchLinesMax } = options;
  const openUpdates = createOpenUpdates({ book, workers, relays, batchLinesMax }, logger);
  const streamTaskLogsUnified = createStreamTaskLogs(openUpdates);
  const dispatch = new Dispatch({ book, workers, logger });
  parts.defer(() => dispatch.close());
  const scheduler = new Scheduler(book, workers, logger);
  parts.defer(() => scheduler.close());

  addMetrics(metrics, { book, workers, relays });
  const allowOrigins = options.allowOrigins ?? [];
  const http = new HttpHost({ logger, metricsText: () => metrics.toText(), allowOrigins });
  parts.defer(() => http.close());
  const httpAddress = options.http === undefined ? undefined : await http.listen(options.http);
  const httpUrl = httpAddress === undefined ? undefined : `http://${formatAddress(httpAddress)}`;
  const submit = (submission: Submission): Promise<Task> => {
    requireCaller(submission.spec, plugins.names);
    return book.submit(submission);
  };
  const dependencies = {
    about: () => ({ masterId: store.masterId, version: tasklogVersion, plugins: plugins.names, httpUrl }),
    tasks: {
      get: (task, previous) => book.find(task, previous),
      list: (filter) => book.list(filter ?? {}),
      submit: (spec, userId) => submit({ spec: toTaskSpec(spec), userId, requestId: "" }),
      cancel: (task, force) => book.cancel(task, force),
      runAgain: async (task, userId) => {
        const before = await book.find(task);
        refuseToTouch(before, "start");
        return await submit({ spec: before.spec, userId, requestId: "" });
      },
    },
    workers: { list: async () => workers.list() },
    events,
    streamTaskLogsUnified,
    readTaskLog: createReadTaskLog({ book, workers }),
    http,
    store,
    metrics,
    logger,
  } satisfies PluginDependencies;
  const plugins = new Plugins(dependencies, options.builtins ?? {}, options.pluginOptions);

  const server = createGrpcServer();
  const info = () => ({
    masterId: store.masterId,
    version: tasklogVersion,
    protocol: protocolVersion,
    plugins: plugins.names,
    httpAddress: httpAddress === undefined ? "" : formatAddress(httpAddress),
    hostId: hostId(),
  });
  server.addService(
    SharingMasterService,
    createMasterService({ book, workers, plugins, submit, openUpdates, info }),
  );
  const health = addHealth(server, [masterService]);
  addReflection(server, [masterService]);
  const listener = await startListener({
    address: options.grpc,
    server,
    logger,
    what: "--grpc",
    onWorker: (socket) => void workers.serve(workerClientOver(socket)),
  });
  const stop = new AbortController();
  const dialling = (options.workers ?? []).map((address) =>
    keepDialling(address, workers, logger, stop.signal),
  );
  parts.defer(() => plugins.close());
  parts.defer(async () => {
    stop.abort();
    health.setServing(false);
    await listener.close();
    await server.close();
    workers.close();
    await Promise.all(dialling);
  });
  await plugins.start(options.plugins ?? []);

  const running = parts.move();
  const close = (): Promise<void> => running.disposeAsync();
  return {
    masterId: store.masterId,
    grpcAddress: listener.address,
    httpAddress,
    get plugins() {
      return plugins.names;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function addMetrics(
  metrics: MetricsRegistry,
  { book, workers, relays }: { book: TaskBook; workers: Workers; relays: Relays },
): void {
  const own = metrics.part("master");
  own.gauge(
    "tasks_unfinished",
    "Tasks that are pending, starting or running.",
    () => [...book.unfinished()].length,
  );
  own.gauge("workers_connected", "Workers that are connected.", () => [...workers.connected()].length);
  own.gauge("relays", "Live streams from workers.", () => relays.size);
}
