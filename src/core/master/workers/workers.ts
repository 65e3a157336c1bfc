// The workers of this master: those that are connected, and those that were. A worker's connection is greeted, asked
// for all its tasks, and watched until it is gone; what it reports goes into the task book. A worker that stays away
// too long makes its tasks lost.
//
// Two workers of one id or name cannot be told apart by users and constraints: the later one is dismissed, unless
// the earlier one does not answer any more, which is how a worker looks that has come back before its old connection
// was found dead.

import { Change } from "../../base/change.ts";
import { TasklogError } from "../../base/errors.ts";
import { hostId } from "../../base/host-id.ts";
import { helloTimeoutMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { protocolVersion, tasklogVersion } from "../../base/version.ts";
import { startTimer, type Timer, timeoutSignal } from "../../base/wait.ts";
import type { WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";
import type { HelloReply } from "../../rpc/gen/tasklog/v1/worker.ts";
import { formatAddress } from "../../rpc/link/addresses.ts";
import type { WorkerClient } from "../../rpc/worker-client.ts";
import { checkedWorker } from "../../rpc/worker-words.ts";
import type { MasterStore } from "../store/master-store.ts";
import { takesSlot } from "../tasks/adopted-tasks.ts";
import type { MasterEvents } from "../tasks/events.ts";
import type { TaskBook } from "../tasks/task-book.ts";
import type { DiskMetrics } from "./disk-metrics.ts";

const lostWithoutTrace =
  "its worker does not know the task any more; was the worker's data folder emptied? What it printed before is gone";

/** A worker that is connected and has told all its tasks. */
export interface ConnectedWorker {
  info: WorkerInfo;
  readonly client: WorkerClient;
  /** Batches from it cross a network, and are worth compressing. */
  readonly compress: boolean;
}

export interface WorkersOptions {
  store: MasterStore;
  book: TaskBook;
  events: MasterEvents;
  disks: DiskMetrics;
  logger: Logger;
  /** The time after which the tasks of an absent worker are lost, in ms. */
  lostAfterMs: number;
}

export class Workers {
  /** A worker has come, or gone. */
  readonly changed = new Change();
  readonly #options: WorkersOptions;
  readonly #connected = new Map<string, ConnectedWorker>();
  /** Clients whose worker is not known yet, too. */
  readonly #clients = new Set<WorkerClient>();
  /** All workers ever seen, by id, as they were last. */
  readonly #known = new Map<string, WorkerInfo>();
  readonly #lostTimers = new Map<string, Timer>();
  #closed = false;

  private constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** Workers that had tasks when the master ended have `lostAfterMs` from now to come back. */
  static async load(options: WorkersOptions): Promise<Workers> {
    const workers = new Workers(options);
    for (const info of await options.store.listWorkers()) workers.#known.set(info.id, info);
    for (const id of new Set([...options.book.unfinished()].map((task) => task.workerId))) {
      if (id !== "") workers.#startLostTimer(id);
    }
    return workers;
  }

  get(id: string): ConnectedWorker | undefined {
    return this.#connected.get(id);
  }

  connected(): Iterable<ConnectedWorker> {
    return this.#connected.values();
  }

  /** Lists the workers by name, with the number of their tasks. */
  list(): WorkerInfo[] {
    const running = new Map<string, number>();
    for (const task of this.#options.book.placed()) {
      if (takesSlot(task)) running.set(task.workerId, (running.get(task.workerId) ?? 0) + 1);
    }
    return [...this.#known.values()]
      .map((info) => ({
        ...info,
        running: running.get(info.id) ?? 0,
        connected: this.#connected.has(info.id),
        lastSeenMs: this.#connected.has(info.id) ? Date.now() : info.lastSeenMs,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Asks those again whose engine did not answer when they came: it may be there by now. Never throws. */
  async refreshEngines(): Promise<void> {
    const without = [...this.#connected.values()].filter(
      ({ info }) => info.engine === "" && info.runtimes.includes("docker"),
    );
    await Promise.all(
      without.map(async (worker) => {
        const said = (await this.#hello(worker.client).catch(() => undefined))?.worker;
        const engine = said === undefined ? "" : checkedWorker(said).engine;
        if (engine === "" || this.#connected.get(worker.info.id) !== worker) return;
        worker.info = { ...worker.info, engine };
        this.#known.set(worker.info.id, worker.info);
      }),
    );
  }

  /** Says in one sentence that the worker is away, for those who wait for it. */
  absence(id: string): string {
    const known = this.#known.get(id);
    if (known === undefined) return `the worker ${id} is away, waiting for it`;
    return `worker ${known.name} is away since ${new Date(known.lastSeenMs).toISOString()}, waiting for it`;
  }

  /** Owns the connection until it ends. Never throws. */
  async serve(client: WorkerClient): Promise<void> {
    const where = formatAddress(client.address);
    if (this.#closed) return client.close();
    this.#clients.add(client);
    try {
      const info = await this.#greet(client);
      await this.#watch(client, info);
    } catch (error) {
      const reason = TasklogError.from(error);
      if (reason.code !== "unavailable" && reason.code !== "aborted") {
        this.#options.logger.error(`rejected the worker at ${where}: ${reason.message}`);
        await client.dismiss(reason).catch(() => undefined);
      }
    } finally {
      this.#clients.delete(client);
      client.close();
    }
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#lostTimers.values()) timer.stop();
    for (const client of this.#clients) client.close();
  }

  async #greet(client: WorkerClient): Promise<WorkerInfo> {
    const { worker, protocol } = await this.#hello(client);
    if (protocol !== protocolVersion) {
      throw new TasklogError(
        "incompatible",
        `the master is tasklog ${tasklogVersion} (protocol ${protocolVersion}), the worker is ${worker?.version || "unknown"} ` +
          `(protocol ${protocol}); install the same version at both ends`,
      );
    }
    if (worker === undefined || worker.id === "" || worker.name === "") {
      throw new TasklogError("invalid", "the worker did not say its id and name");
    }
    const checked = checkedWorker(worker);
    for (const other of [...this.#connected.values()]) await this.#requireOther(checked, other);
    return checked;
  }

  #hello(client: WorkerClient): Promise<HelloReply> {
    const { masterId } = this.#options.store;
    return client.hello(
      { masterId, version: tasklogVersion, protocol: protocolVersion, hostId: hostId() },
      timeoutSignal(helloTimeoutMs),
    );
  }

  async #requireOther(newcomer: WorkerInfo, other: ConnectedWorker): Promise<void> {
    if (other.info.id !== newcomer.id && other.info.name !== newcomer.name) return;
    const isAlive = await this.#hello(other.client).then(
      () => true,
      () => false,
    );
    if (!isAlive) {
      other.client.close();
      this.#leave(other);
      return;
    }
    throw new TasklogError(
      "already_exists",
      other.info.id === newcomer.id
        ? `the worker ${newcomer.name} is connected already, from ${formatAddress(other.client.address)}; was its data folder copied? Start this one with another --data-dir`
        : `another worker named ${newcomer.name} is connected already; start this one with another --name`,
    );
  }

  /** Reads the worker's reports until its connection ends. It counts as connected from the end of the snapshot on. */
  async #watch(client: WorkerClient, greeted: WorkerInfo): Promise<void> {
    const { book, disks, logger } = this.#options;
    const snapshot = new Set<string>();
    let worker: ConnectedWorker | undefined;
    try {
      for await (const report of client.watchTasks(undefined, this.#refusedBy(greeted))) {
        if (report.snapshotEnd) {
          if (worker === undefined) worker = await this.#join(client, greeted, snapshot);
          continue;
        }
        if (worker === undefined) snapshot.add(report.taskId);
        disks.note(report);
        if (!(await book.report(greeted, report))) {
          logger.debug(`worker ${greeted.name} has ${report.taskId}, which this master does not know there`);
        }
      }
    } finally {
      if (worker !== undefined) this.#leave(worker);
    }
  }

  /** A worker that says what cannot be is warned about once, and goes on. */
  #refusedBy({ name }: WorkerInfo): (error: TasklogError) => void {
    const { logger } = this.#options;
    let isTold = false;
    return ({ message }) => {
      if (isTold) logger.debug(`worker ${name}: ${message}`);
      else logger.warn(`worker ${name} sent an invalid report, which is ignored: ${message}`);
      isTold = true;
    };
  }

  async #join(
    client: WorkerClient,
    greeted: WorkerInfo,
    tasks: ReadonlySet<string>,
  ): Promise<ConnectedWorker> {
    const { book, events, logger, store } = this.#options;
    const now = Date.now();
    const info = { ...greeted, connected: true, connectedMs: now, lastSeenMs: now };
    this.#lostTimers.get(info.id)?.stop();
    this.#lostTimers.delete(info.id);
    await book.lose(info.id, lostWithoutTrace, (task) => task.delivered && !tasks.has(task.id));
    await store.saveWorker(info);
    const worker = { info, client, compress: info.hostId === "" || info.hostId !== hostId() };
    this.#known.set(info.id, info);
    this.#connected.set(info.id, worker);
    const slots = info.slots === 1 ? "1 slot" : `${info.slots} slots`;
    logger.info(`worker ${info.name} has joined (${slots}, ${info.engine || "no engine answers"})`);
    events.emit({ kind: "worker_joined", worker: info });
    this.changed.notify();
    return worker;
  }

  #leave(worker: ConnectedWorker): void {
    const { events, logger, store } = this.#options;
    const { id, name } = worker.info;
    if (this.#connected.get(id) !== worker) return;
    this.#connected.delete(id);
    const info = { ...worker.info, connected: false, lastSeenMs: Date.now() };
    this.#known.set(id, info);
    if (this.#closed) return;
    store.saveWorker(info).catch((error: unknown) => logger.error(`worker ${name} was not stored: ${error}`));
    this.#startLostTimer(id);
    logger.warn(`worker ${name} is away; its tasks keep running`);
    events.emit({ kind: "worker_left", worker: info });
    this.changed.notify();
  }

  #startLostTimer(id: string): void {
    const { book, logger, lostAfterMs } = this.#options;
    const lose = (): void => {
      this.#lostTimers.delete(id);
      const name = this.#known.get(id)?.name ?? id;
      const message = `worker ${name} has been away for more than ${Math.round(lostAfterMs / 1000)} s; the task may still run there, and its status is corrected when the worker returns`;
      book.lose(id, message).catch((error: unknown) => logger.error(`tasks of ${name}: ${error}`));
    };
    this.#lostTimers.get(id)?.stop();
    this.#lostTimers.set(id, startTimer(lose, lostAfterMs));
  }
}
