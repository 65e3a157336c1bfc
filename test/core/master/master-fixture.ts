// A real master in a folder of its own that can be ended and started again, and what tests ask of it.

import { silentLogger } from "../../../src/core/base/logger.ts";
import type { LogItem } from "../../../src/core/log/log-item.ts";
import { type Master, type MasterOptions, startMaster } from "../../../src/core/master/master.ts";
import type { Task, TaskSpec } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import type { Address } from "../../../src/core/rpc/link/addresses.ts";
import { connectMaster, type MasterClient } from "../../../src/core/rpc/master-client.ts";
import { type TempDir, tempDir } from "../../helpers/temp-dir.ts";
import { until } from "../../helpers/until.ts";
import { TestWorker, type TestWorkerOptions } from "./test-worker.ts";

export class MasterFixture implements AsyncDisposable {
  master!: Master;
  client!: MasterClient;
  readonly #dir: TempDir;
  readonly #options: Partial<MasterOptions>;
  readonly #workers: TestWorker[] = [];

  private constructor(dir: TempDir, options: Partial<MasterOptions>) {
    this.#dir = dir;
    this.#options = options;
  }

  static async start(options: Partial<MasterOptions> = {}): Promise<MasterFixture> {
    const fixture = new MasterFixture(await tempDir(), options);
    await fixture.#start({ host: "127.0.0.1", port: 0 });
    return fixture;
  }

  get dataDir(): string {
    return `${this.#dir.path}/master`;
  }

  async #start(grpc: Address): Promise<void> {
    this.master = await startMaster({ grpc, dataDir: this.dataDir, logger: silentLogger, ...this.#options });
    this.client = connectMaster(this.master.grpcAddress, { userId: "ada" });
  }

  /** Ends the master and starts it again on the same port and folder. */
  async restart(meanwhile: () => Promise<void> = async () => {}): Promise<void> {
    const { grpcAddress } = this.master;
    this.client.close();
    await this.master.close();
    await meanwhile();
    await this.#start(grpcAddress);
  }

  async worker(options: Partial<TestWorkerOptions> = {}): Promise<TestWorker> {
    const worker = await TestWorker.start({ master: this.master.grpcAddress, ...options });
    this.#workers.push(worker);
    await until(
      `${worker.info.name} has joined`,
      async () =>
        worker.dismissed !== undefined ||
        (await this.client.listWorkers()).some(({ id, connected }) => id === worker.info.id && connected),
    );
    return worker;
  }

  submit(spec: Partial<TaskSpec> = {}, requestId = ""): Promise<Task> {
    return this.client.submitTask({ spec: { command: ["true"], ...spec }, requestId });
  }

  /** Submitted, with its worker, and running there. */
  async running(worker: TestWorker, spec: Partial<TaskSpec> = {}): Promise<Task> {
    const task = await this.submit(spec);
    await until(`${task.id} is at its worker`, () => worker.tasks.has(task.id));
    worker.task(task.id).status("running");
    return this.until(task.id, (now) => now.status === "running");
  }

  until(id: string, condition: (task: Task) => boolean): Promise<Task> {
    let task: Task | undefined;
    return until(`a change of ${id}`, async () => {
      task = await this.client.getTask(id);
      if (!condition(task)) throw new Error(`${task.status} ${task.detail}`);
      return task;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    for (const worker of this.#workers) await worker[Symbol.asyncDispose]();
    await this.master.close();
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** Follows a task from a client's side and keeps what came. */
export class Viewer {
  readonly items: LogItem[] = [];
  readonly texts: string[] = [];
  readonly done: Promise<void>;
  failure: unknown;
  readonly #stop = new AbortController();

  constructor(
    client: MasterClient,
    task: string,
    request: Parameters<MasterClient["streamTaskLogs"]>[0] = {},
  ) {
    this.done = this.#read(client, { task, follow: true, ...request });
  }

  async #read(client: MasterClient, request: Parameters<MasterClient["streamTaskLogs"]>[0]): Promise<void> {
    try {
      for await (const item of client.streamTaskLogs(request, this.#stop.signal)) {
        this.items.push(item);
        if (item.kind === "batch")
          for (const line of item.batch.lines()) this.texts.push(`${line.seq} ${line.text}`);
      }
    } catch (error) {
      this.failure = error;
    }
  }

  get kinds(): string[] {
    return this.items.map(({ kind }) => kind);
  }

  get statuses(): string[] {
    return this.items.flatMap((item) =>
      item.kind === "status" ? [`${item.status} ${item.detail}`.trim()] : [],
    );
  }

  get lastItem(): LogItem | undefined {
    return this.items.at(-1);
  }

  async leave(): Promise<void> {
    this.#stop.abort();
    await this.done;
  }
}
