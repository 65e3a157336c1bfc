// A worker whose tasks do what a test says: the Worker service over the real rpc layer with real TaskLogBroadcasters,
// their whole history in memory. It can vanish and come back, with its tasks or without them.
import { randomUUID } from "node:crypto";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { silentLogger } from "../../../src/core/base/logger.ts";
import type { Stamp } from "../../../src/core/base/stamp.ts";
import { LineBatch, LineBatchBuilder, stderrFlag } from "../../../src/core/log/line-batch.ts";
import type { Completion, LogGap, LogHistory, TaskStatus } from "../../../src/core/log/log-item.ts";
import { firstNotBefore } from "../../../src/core/log/stamps.ts";
import { TaskLogBroadcaster } from "../../../src/core/log/task-log-broadcaster.ts";
import { emptyCompletion } from "../../../src/core/master/tasks/task-completions.ts";
import { TaskSpec, WorkerInfo } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import {
  type ReadLogRequest,
  TaskReport,
  WorkerService,
} from "../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import { createGrpcServer } from "../../../src/core/rpc/grpc-server.ts";
import type { Address } from "../../../src/core/rpc/link/addresses.ts";
import { startWorkerLink } from "../../../src/core/rpc/link/worker-link.ts";
import { toWire } from "../../../src/core/rpc/log-item-codec.ts";
import { serverStream, unary } from "../../../src/core/rpc/server-methods.ts";
import { TaskReports } from "../../../src/core/worker/tasks/task-reports.ts";

/** All lines of a task, in memory. */
class Lines implements LogHistory {
  #all: LineBatch | undefined;

  add(batch: LineBatch): void {
    const builder = new LineBatchBuilder();
    for (const part of [this.#all, batch]) if (part !== undefined) builder.addFrom(part, 0, part.count);
    this.#all = builder.build(1);
  }

  async read(fromSeq: number, bytesMax: number): Promise<LineBatch | LogGap> {
    const all = this.#all;
    if (all === undefined || fromSeq > all.lastSeq) throw new TasklogError("internal", `no line ${fromSeq}`);
    let to = fromSeq;
    while (to < all.count && all.endOf(to) - all.startOf(fromSeq - 1) <= bytesMax) to++;
    return all.slice(fromSeq - 1, to);
  }

  async locate(stamp: Stamp): Promise<number> {
    return this.#all === undefined ? 1 : 1 + firstNotBefore(this.#all, stamp);
  }
}

export class TestTask {
  readonly lines = new Lines();
  readonly log: TaskLogBroadcaster;
  report: TaskReport;
  readonly spec: TaskSpec;
  readonly #reports: TaskReports;

  constructor(taskId: string, spec: TaskSpec, reports: TaskReports) {
    this.spec = spec;
    this.#reports = reports;
    this.log = new TaskLogBroadcaster({
      taskId,
      epoch: randomUUID(),
      history: this.lines,
      ringLinesMax: 100,
    });
    this.report = TaskReport.fromPartial({ taskId });
    this.status("starting");
  }

  status(status: TaskStatus, nowMs = Date.now()): void {
    this.log.setStatus({ status, detail: "", progress: undefined });
    this.#say({ status, startedMs: status === "running" ? nowMs : 0 });
  }

  print(...texts: string[]): void {
    const now = Date.now();
    this.printAt({ seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1e6 }, ...texts);
  }

  /** Lines that begin with E are on stderr. */
  printAt(stamp: Stamp, ...texts: string[]): void {
    const builder = new LineBatchBuilder();
    for (const text of texts) {
      const bytes = Buffer.from(text);
      builder.add(bytes, 0, bytes.length, stamp, text.startsWith("E") ? stderrFlag : 0);
    }
    this.lines.add(builder.view(1));
    this.log.publish(builder.build(1));
  }

  finish(status: TaskStatus = "success", exitCode = 0, more: Partial<Completion> = {}): Completion {
    const lastSeq = this.log.nextSeq - 1;
    const completion = {
      ...emptyCompletion(status, "", ""),
      exitCode,
      lastSeq,
      lines: lastSeq,
      startedMs: Date.now(),
      ...more,
    };
    this.log.complete(completion);
    this.#say({ status, completion });
    return completion;
  }

  #say(change: Partial<TaskReport>): void {
    this.report = { ...this.report, ...change };
    this.#reports.set(this.report);
  }
}

export interface TestWorkerOptions {
  master: Address;
  info?: Partial<WorkerInfo>;
  /** How far its clock is ahead, in ms. Absent: it does not tell its time, as an older version. */
  aheadMs?: number | undefined;
  /** Taken over from one that vanished; none by default. */
  tasks?: Map<string, TestTask>;
  reports?: TaskReports;
}

export class TestWorker implements AsyncDisposable {
  readonly tasks: Map<string, TestTask>;
  readonly reports: TaskReports;
  readonly calls: string[] = [];
  readonly info: WorkerInfo;
  dismissed: TasklogError | undefined;
  /** What StartTask throws, while set. */
  refusal: TasklogError | undefined;
  readonly #aheadMs: number | undefined;
  #stop: AsyncDisposableStack = new AsyncDisposableStack();

  private constructor({ info, aheadMs, tasks, reports }: TestWorkerOptions) {
    this.#aheadMs = aheadMs;
    this.tasks = tasks ?? new Map();
    this.reports = reports ?? new TaskReports();
    this.info = WorkerInfo.fromPartial({
      id: "worker-1",
      name: "one",
      slots: 4,
      runtimes: ["process"],
      engine: "test",
      ...info,
    });
  }

  static async start(options: TestWorkerOptions): Promise<TestWorker> {
    const worker = new TestWorker(options);
    const server = createGrpcServer();
    server.addService(WorkerService, worker.#service());
    const link = await startWorkerLink({ master: options.master, server, logger: silentLogger });
    worker.#stop.defer(() => link.close());
    worker.#stop.defer(() => server.close(100));
    return worker;
  }

  task(id: string): TestTask {
    const task = this.tasks.get(id);
    if (task === undefined) throw new Error(`the worker has no ${id}`);
    return task;
  }

  #service() {
    const task = (id: string): TestTask => {
      const found = this.tasks.get(id);
      if (found === undefined) throw new TasklogError("not_found", `this worker has no task ${id}`);
      return found;
    };
    return {
      hello: unary(() => ({
        worker: this.info,
        protocol: 1,
        nowMs: this.#aheadMs === undefined ? 0 : Date.now() + this.#aheadMs,
      })),
      dismiss: unary(({ message }: { message: string }) => {
        this.dismissed = new TasklogError("internal", message);
        return {};
      }),
      startTask: unary(({ taskId, spec }: { taskId: string; spec: TaskSpec | undefined }) => {
        this.calls.push(`start ${taskId}`);
        if (this.refusal !== undefined) throw this.refusal;
        if (!this.tasks.has(taskId)) {
          this.tasks.set(taskId, new TestTask(taskId, spec ?? TaskSpec.fromPartial({}), this.reports));
        }
        return {};
      }),
      stopTask: unary(({ taskId, force }: { taskId: string; force: boolean }) => {
        this.calls.push(`stop ${taskId}${force ? " force" : ""}`);
        return { known: this.tasks.has(taskId) };
      }),
      watchTasks: serverStream((_request: unknown, { signal }) => this.reports.watch(signal)),
      streamLogs: serverStream((request: { taskId: string; fromSeq: number; epoch: string }, { signal }) => {
        this.calls.push(`stream ${request.taskId} from ${request.fromSeq}`);
        const from = request.fromSeq === 0 ? { tail: 0 } : { fromSeq: request.fromSeq };
        return wire(task(request.taskId).log.subscribe({ from, follow: true, epoch: request.epoch, signal }));
      }),
      readLog: unary(async (request: ReadLogRequest) => {
        const { taskId, bytesMax, sinceSeconds: seconds, sinceNanos: nanos } = request;
        this.calls.push(`read ${taskId} from ${seconds > 0 ? `second ${seconds}` : request.fromSeq}`);
        const { log, lines } = task(taskId);
        const fromSeq = seconds > 0 ? await lines.locate({ seconds, nanos }) : request.fromSeq;
        const reply = {
          nextSeq: log.nextSeq,
          firstSeq: 1,
          complete: log.completion !== undefined,
          epoch: log.epoch,
        };
        if (fromSeq >= log.nextSeq) return { ...reply, items: [] };
        const batch = await lines.read(fromSeq, bytesMax);
        if (!(batch instanceof LineBatch)) throw new Error("no gaps here");
        return { ...reply, items: [toWire({ kind: "batch", batch })] };
      }),
    };
  }

  /** Cuts its connection and stays away. Its tasks are kept in `tasks`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop.disposeAsync();
  }
}

async function* wire(items: AsyncIterable<Parameters<typeof toWire>[0]>) {
  for await (const item of items) yield toWire(item);
}
