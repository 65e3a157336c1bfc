// The master's end of a worker: the Worker service called down a connection that the worker dialled, or that the
// master did. One connection, all calls; when it is gone the client is of no more use, and whoever owns it makes
// another with the next connection. Live streams are always read (see eagerStream); the past is asked for in pieces.

import type { Socket } from "node:net";
import { connectivityState } from "@grpc/grpc-js";
import { TasklogError } from "../base/errors.ts";
import { shutdownTimeoutMs } from "../base/limits.ts";
import { startTimer } from "../base/wait.ts";
import type { LogItem } from "../log/log-item.ts";
import { callMetadata } from "./call-metadata.ts";
import { clientOptions } from "./channel-options.ts";
import { type CallTarget, eagerStream, type UnaryMethod, unaryCall } from "./client-calls.ts";
import { clockDifference, itemByOurClock, reportByOurClock } from "./clock-difference.ts";
import type { LogItem as WireItem } from "./gen/tasklog/v1/log.ts";
import {
  type DeepPartial,
  DismissRequest,
  WorkerClient as GrpcClient,
  type HelloReply,
  HelloRequest,
  type ReadLogReply,
  ReadLogRequest,
  ResizeTerminalRequest,
  StartTaskRequest,
  type StopTaskReply,
  StopTaskRequest,
  StreamLogsRequest,
  type TaskReport,
} from "./gen/tasklog/v1/worker.ts";
import { type Address, formatAddress } from "./link/addresses.ts";
import { dial } from "./link/dial.ts";
import { GivenSocketCredentials } from "./link/given-socket.ts";
import { fromWire, wireBytes } from "./log-item-codec.ts";
import { checkedItem, checkedReport } from "./worker-words.ts";

/** ReadLogReply with its items decoded. */
export interface LogPiece extends Omit<ReadLogReply, "items"> {
  readonly items: LogItem[];
}

/** A report keeps about this much memory while it waits, in bytes. */
const reportBytesEstimate = 500;

export class WorkerClient implements Disposable {
  /** The address that the worker's connection comes from, or leads to. */
  readonly address: Address;
  /** Resolves when the connection is gone, for whatever reason. */
  readonly closed: Promise<void>;
  readonly #client: GrpcClient;
  readonly #socket: Socket;
  readonly #target: CallTarget;
  /** The difference to add to the worker's moments, in ms. */
  #differenceMs = 0;

  /** `target` accepts connections: see GivenSocketCredentials. */
  constructor(socket: Socket, target: Address) {
    this.#socket = socket;
    this.address = { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    this.#target = { peer: `the worker at ${formatAddress(this.address)}`, metadata: callMetadata("") };
    this.#client = new GrpcClient(formatAddress(target), new GivenSocketCredentials(socket), clientOptions);
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      const end = () => {
        this.#client.close();
        resolve();
      };
      if (socket.destroyed) end();
      else socket.once("close", end);
    });
    if (!socket.destroyed) cutWhenLost(this.#client.getChannel(), socket);
  }

  /** Moments that the worker tells from then on are brought to this host's clock. */
  async hello(request: DeepPartial<HelloRequest>, signal?: AbortSignal): Promise<HelloReply> {
    const askedMs = performance.now();
    const reply = await this.#call(this.#client.hello, HelloRequest.fromPartial(request), signal);
    this.#differenceMs = clockDifference(reply.nowMs, Date.now(), performance.now() - askedMs);
    return reply;
  }

  async dismiss(reason: TasklogError): Promise<void> {
    const { code, message } = reason;
    await this.#call(this.#client.dismiss, DismissRequest.fromPartial({ code, message }), undefined);
  }

  async startTask(request: DeepPartial<StartTaskRequest>, signal?: AbortSignal): Promise<void> {
    await this.#call(this.#client.startTask, StartTaskRequest.fromPartial(request), signal);
  }

  async resizeTerminal(request: DeepPartial<ResizeTerminalRequest>, signal?: AbortSignal): Promise<void> {
    await this.#call(this.#client.resizeTerminal, ResizeTerminalRequest.fromPartial(request), signal);
  }

  stopTask(request: DeepPartial<StopTaskRequest>, signal?: AbortSignal): Promise<StopTaskReply> {
    return this.#call(this.#client.stopTask, StopTaskRequest.fromPartial(request), signal);
  }

  /**
   * Never ends by itself: only when `signal` aborts (quietly) or the connection breaks (TasklogError). A report that cannot
   * be is left out, and `onRefused` is told why.
   */
  async *watchTasks(
    signal?: AbortSignal,
    onRefused?: (error: TasklogError) => void,
  ): AsyncGenerator<TaskReport, void, undefined> {
    const start = () => this.#client.watchTasks({}, this.#target.metadata);
    for await (const report of eagerStream(start, this.#target, signal, () => reportBytesEstimate)) {
      let checked: TaskReport;
      try {
        checked = checkedReport(reportByOurClock(report, this.#differenceMs));
      } catch (error) {
        onRefused?.(TasklogError.from(error));
        continue;
      }
      yield checked;
    }
  }

  /** Read it to the end of what there is, at once: what is left lying is bounded, and then the stream fails. */
  async *streamLogs(
    request: DeepPartial<StreamLogsRequest>,
    signal?: AbortSignal,
  ): AsyncGenerator<LogItem, void, undefined> {
    const start = () =>
      this.#client.streamLogs(StreamLogsRequest.fromPartial(request), this.#target.metadata);
    for await (const wire of eagerStream(start, this.#target, signal, wireBytes)) yield this.#item(wire);
  }

  async readLog(request: DeepPartial<ReadLogRequest>, signal?: AbortSignal): Promise<LogPiece> {
    const reply = await this.#call(this.#client.readLog, ReadLogRequest.fromPartial(request), signal);
    return { ...reply, items: reply.items.map((wire) => this.#item(wire)) };
  }

  #item(wire: WireItem): LogItem {
    return checkedItem(itemByOurClock(fromWire(wire), this.#differenceMs));
  }

  /** Cuts the connection; running calls fail with "unavailable". May be called twice. */
  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #call<Request, Reply>(
    method: UnaryMethod<Request, Reply>,
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    return unaryCall(method.bind(this.#client), request, this.#target, { signal });
  }
}

/**
 * Under Bun 1.4.5 a session that keep-alive destroys, or that said GOAWAY, leaves a given socket open for as long as
 * the peer is stopped or unreachable; but the channel leaves READY. What still runs has a while to end by itself.
 */
function cutWhenLost(channel: ReturnType<GrpcClient["getChannel"]>, socket: Socket): void {
  const before = channel.getConnectivityState(false);
  channel.watchConnectivityState(before, Number.POSITIVE_INFINITY, (error) => {
    if (error !== undefined || socket.destroyed) return;
    if (before !== connectivityState.READY) {
      cutWhenLost(channel, socket);
      return;
    }
    const timer = startTimer(() => socket.destroy(), shutdownTimeoutMs);
    socket.once("close", () => timer.stop());
  });
}

/** Over a socket that a listener accepted and whose hello it has read; nothing else may have come in. */
export function workerClientOver(socket: Socket): WorkerClient {
  // The socket's own end is the listener it came in by.
  return new WorkerClient(socket, { host: socket.localAddress ?? "127.0.0.1", port: socket.localPort ?? 0 });
}

/**
 * Dials a worker that listens.
 * @throws TasklogError "unavailable"; "aborted" when the signal did it.
 */
export async function connectWorker(address: Address, signal?: AbortSignal): Promise<WorkerClient> {
  return new WorkerClient(await dial(address, "the worker", signal), address);
}
