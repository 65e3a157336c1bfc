// A client of a master: one typed promise for each RPC, and the stream of a task's log. It keeps no state and
// retries nothing but the connection itself: resuming a log is its reader's business, who knows the last seq.

import { credentials } from "@grpc/grpc-js";
import { tasksPageMax, viewerWindowBytes } from "../base/limits.ts";
import type { LogItem } from "../log/log-item.ts";
import { callMetadata } from "./call-metadata.ts";
import { clientOptions } from "./channel-options.ts";
import {
  type CallTarget,
  pacedStream,
  type UnaryMethod,
  type UnaryOptions,
  unaryCall,
} from "./client-calls.ts";
import { clockDifference } from "./clock-difference.ts";
import {
  CallPluginRequest,
  CancelTaskRequest,
  type DeepPartial,
  type GetInfoReply,
  GetTaskRequest,
  MasterClient as GrpcClient,
  ListTasksRequest,
  ListWorkersRequest,
  ResizeTaskRequest,
  StreamTaskLogsRequest,
  SubmitTaskRequest,
} from "./gen/tasklog/v1/master.ts";
import type { Task, WorkerInfo } from "./gen/tasklog/v1/task.ts";
import { type Address, formatAddress } from "./link/addresses.ts";
import { fromWire } from "./log-item-codec.ts";
import { requireTaskFits } from "./task-size.ts";

export interface MasterClientOptions {
  readonly userId: string;
  /** Closes the client when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

export class MasterClient implements Disposable {
  readonly address: Address;
  readonly #client: GrpcClient;
  readonly #target: CallTarget;
  readonly #closed = new AbortController();
  /** The difference to add to the master's moments to be this host's, in ms. */
  #differenceMs = 0;

  constructor(address: Address, { userId, signal }: MasterClientOptions) {
    this.address = address;
    this.#client = this.#connect();
    this.#target = {
      peer: `the master at ${formatAddress(address)}`,
      metadata: callMetadata(userId),
    };
    if (signal?.aborted === true) this.close();
    signal?.addEventListener("abort", () => this.close(), { once: true, signal: this.#closed.signal });
  }

  getInfo(signal?: AbortSignal): Promise<GetInfoReply> {
    return this.#call(this.#client.getInfo, {}, signal);
  }

  /** The master's time, to count ages from: its clock may differ. As its last list has told; before the first, this host's. */
  nowMs(): number {
    return Date.now() - this.#differenceMs;
  }

  async #timed<Reply extends { nowMs: number }>(call: Promise<Reply>): Promise<Reply> {
    const askedMs = performance.now();
    const reply = await call;
    this.#differenceMs = clockDifference(reply.nowMs, Date.now(), performance.now() - askedMs);
    return reply;
  }

  /** Throws "invalid" for a task that is too large to be sent. */
  async submitTask(request: DeepPartial<SubmitTaskRequest>, signal?: AbortSignal): Promise<Task> {
    const whole = SubmitTaskRequest.fromPartial(request);
    requireTaskFits(whole);
    return await this.#call(this.#client.submitTask, whole, signal);
  }

  /** `task` is an id, a unique prefix of one, or a name; `previous`: so many runs of the same name before that one. */
  getTask(task: string, signal?: AbortSignal, previous = 0): Promise<Task> {
    return this.#call(this.#client.getTask, GetTaskRequest.fromPartial({ task, previous }), signal);
  }

  /** Newest first, over as many pages as it takes; `limit` 0 or absent: all. */
  async listTasks(request: DeepPartial<ListTasksRequest> = {}, signal?: AbortSignal): Promise<Task[]> {
    const wanted = request.limit || Number.POSITIVE_INFINITY;
    const tasks: Task[] = [];
    let before = request.before ?? "";
    for (;;) {
      const limit = Math.min(tasksPageMax, wanted - tasks.length);
      const page = ListTasksRequest.fromPartial({ ...request, limit, before });
      const reply = await this.#timed(this.#call(this.#client.listTasks, page, signal));
      tasks.push(...reply.tasks);
      const last = reply.tasks.at(-1);
      if (last === undefined || reply.tasks.length < limit || tasks.length >= wanted) return tasks;
      before = last.id;
    }
  }

  async resizeTask(request: DeepPartial<ResizeTaskRequest>, signal?: AbortSignal): Promise<void> {
    await this.#call(this.#client.resizeTask, ResizeTaskRequest.fromPartial(request), signal);
  }

  cancelTask(request: DeepPartial<CancelTaskRequest>, signal?: AbortSignal): Promise<Task> {
    return this.#call(this.#client.cancelTask, CancelTaskRequest.fromPartial(request), signal);
  }

  async listWorkers(
    request: DeepPartial<ListWorkersRequest> = {},
    signal?: AbortSignal,
  ): Promise<WorkerInfo[]> {
    const asked = ListWorkersRequest.fromPartial(request);
    const reply = await this.#timed(this.#call(this.#client.listWorkers, asked, signal));
    return reply.workers;
  }

  /** Asks a plugin of the master: JSON in, JSON out. `input` undefined: nothing. @throws what the plugin throws. */
  async callPlugin(
    plugin: string,
    method: string,
    input?: unknown,
    options: UnaryOptions = {},
  ): Promise<unknown> {
    const json = input === undefined ? "" : JSON.stringify(input);
    const request = CallPluginRequest.fromPartial({ plugin, method, json });
    const call = this.#client.callPlugin.bind(this.#client);
    return JSON.parse((await unaryCall(call, request, this.#target, options)).json);
  }

  /**
   * The log of a task from the asked cursor on, read at the caller's pace. Starts with the first `next()`, ends by
   * itself after "complete" (or at the end of what there is, without `follow`) and when `signal` aborts; throws
   * TasklogError, "unavailable" being worth a retry from the next seq.
   *
   * Each stream has a connection of its own, because a reader may stop reading one while it waits for another.
   */
  async *streamTaskLogs(
    request: DeepPartial<StreamTaskLogsRequest>,
    signal?: AbortSignal,
  ): AsyncGenerator<LogItem, void, undefined> {
    const stop = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal]);
    if (stop.aborted) return;
    const client = this.#connect();
    const start = () =>
      client.streamTaskLogs(StreamTaskLogsRequest.fromPartial(request), this.#target.metadata);
    try {
      for await (const wire of pacedStream(start, this.#target, stop)) yield fromWire(wire);
    } finally {
      client.close();
    }
  }

  /** Ends its streams too. May be called twice. */
  close(): void {
    this.#closed.abort();
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #connect(): GrpcClient {
    return new GrpcClient(formatAddress(this.address), credentials.createInsecure(), {
      ...clientOptions,
      "grpc-node.flow_control_window": viewerWindowBytes,
    });
  }

  #call<Request, Reply>(
    method: UnaryMethod<Request, Reply>,
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    return unaryCall(method.bind(this.#client), request, this.#target, { signal });
  }
}

/** Does not wait for the connection: the first call says whether there is one. */
export function connectMaster(address: Address, options: MasterClientOptions): MasterClient {
  return new MasterClient(address, options);
}
