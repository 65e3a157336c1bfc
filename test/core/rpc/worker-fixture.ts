// A worker service with made-up answers behind a real GrpcServer, and a listener that hands over worker clients.
// The tests of the link, the listener and the streams stand on it.

import { silentLogger } from "../../../src/core/base/logger.ts";
import { LineBatchBuilder } from "../../../src/core/log/line-batch.ts";
import type { LogItem } from "../../../src/core/log/log-item.ts";
import {
  HelloReply as Hello,
  type HelloReply,
  type HelloRequest,
  type ReadLogReply,
  type ReadLogRequest,
  type StreamLogsRequest,
  type TaskReport,
  type WatchTasksRequest,
  WorkerService,
} from "../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import { createGrpcServer, type GrpcServer } from "../../../src/core/rpc/grpc-server.ts";
import { type Listener, startListener } from "../../../src/core/rpc/link/listener.ts";
import { toWire } from "../../../src/core/rpc/log-item-codec.ts";
import { type CallContext, serverStream, unary } from "../../../src/core/rpc/server-methods.ts";
import { type WorkerClient, workerClientOver } from "../../../src/core/rpc/worker-client.ts";

export const loopback = { host: "127.0.0.1", port: 0 };

/** `count` lines of `bytes` bytes of text each. */
export function linesItem(firstSeq: number, count: number, bytes = 100): LogItem {
  const builder = new LineBatchBuilder(count, count * (bytes + 1));
  const line = Buffer.alloc(bytes, "x");
  for (let index = 0; index < count; index++) {
    builder.add(line, 0, line.length, { seconds: 1_764_000_000, nanos: firstSeq + index }, 0);
  }
  return { kind: "batch", batch: builder.build(firstSeq) };
}

export interface Answers {
  streamLogs?: (request: StreamLogsRequest, call: CallContext) => AsyncIterable<LogItem>;
  watchTasks?: (request: WatchTasksRequest, call: CallContext) => AsyncIterable<TaskReport>;
  readLog?: (request: ReadLogRequest, call: CallContext) => ReadLogReply | Promise<ReadLogReply>;
  hello?: (request: HelloRequest, call: CallContext) => HelloReply | Promise<HelloReply>;
}

export function workerServer(answers: Answers = {}): GrpcServer {
  const server = createGrpcServer();
  async function* wire(items: AsyncIterable<LogItem>, compress: boolean) {
    for await (const item of items) yield toWire(item, compress);
  }
  server.addService(WorkerService, {
    hello: unary(answers.hello ?? (() => Hello.fromPartial({ protocol: 1, worker: { name: "w1" } }))),
    dismiss: unary(() => ({})),
    startTask: unary(() => ({})),
    stopTask: unary(() => ({ known: true })),
    watchTasks: serverStream(answers.watchTasks ?? silence),
    streamLogs: serverStream((request: StreamLogsRequest, call) =>
      wire((answers.streamLogs ?? silence)(request, call), request.compress),
    ),
    readLog: unary(
      answers.readLog ?? (() => ({ items: [], nextSeq: 1, firstSeq: 1, complete: false, epoch: "e" })),
    ),
  });
  return server;
}

/** Yields nothing until the caller leaves. */
export async function* silence(_request: unknown, { signal }: CallContext): AsyncGenerator<never> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/** What a master has of this: its port, and the workers that came. */
export interface MasterEnd extends AsyncDisposable {
  readonly listener: Listener;
  readonly server: GrpcServer;
  readonly workers: WorkerClient[];
}

export async function masterEnd(port = 0, server = createGrpcServer()): Promise<MasterEnd> {
  const workers: WorkerClient[] = [];
  const listener = await startListener({
    address: { host: "127.0.0.1", port },
    server,
    logger: silentLogger,
    onWorker: (socket) => workers.push(workerClientOver(socket)),
  });
  return {
    listener,
    server,
    workers,
    async [Symbol.asyncDispose]() {
      await listener.close();
      for (const worker of workers) worker.close();
      await server.close(500);
    },
  };
}
