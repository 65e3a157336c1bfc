// A master service with made-up answers behind a real port, and a client of it.

import { silentLogger } from "../../../src/core/base/logger.ts";
import type { LogItem } from "../../../src/core/log/log-item.ts";
import {
  GetInfoReply,
  MasterService,
  type StreamTaskLogsRequest,
  type SubmitTaskRequest,
} from "../../../src/core/rpc/gen/tasklog/v1/master.ts";
import { Task } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { createGrpcServer, type GrpcServer } from "../../../src/core/rpc/grpc-server.ts";
import { type Listener, startListener } from "../../../src/core/rpc/link/listener.ts";
import { toWire } from "../../../src/core/rpc/log-item-codec.ts";
import { connectMaster, type MasterClient } from "../../../src/core/rpc/master-client.ts";
import { type CallContext, serverStream, unary } from "../../../src/core/rpc/server-methods.ts";
import { loopback, silence } from "./worker-fixture.ts";

export interface MasterAnswers {
  getInfo?: (call: CallContext) => Promise<GetInfoReply>;
  submitTask?: (request: SubmitTaskRequest, call: CallContext) => Task | Promise<Task>;
  streamTaskLogs?: (request: StreamTaskLogsRequest, call: CallContext) => AsyncIterable<LogItem>;
}

export interface RunningMaster extends AsyncDisposable {
  readonly server: GrpcServer;
  readonly listener: Listener;
  readonly client: MasterClient;
}

export async function runningMaster(
  answers: MasterAnswers = {},
  extend: (server: GrpcServer) => void = () => {},
  address = loopback,
): Promise<RunningMaster> {
  const server = createGrpcServer();
  async function* wire(items: AsyncIterable<LogItem>) {
    for await (const item of items) yield toWire(item);
  }
  server.addService(MasterService, {
    getInfo: unary(
      (_request, call) => answers.getInfo?.(call) ?? GetInfoReply.fromPartial({ masterId: "m1" }),
    ),
    submitTask: unary(answers.submitTask ?? (() => Task.fromPartial({ id: "task-1" }))),
    getTask: unary(() => Task.fromPartial({})),
    listTasks: unary(() => ({ tasks: [] })),
    cancelTask: unary(() => Task.fromPartial({})),
    listWorkers: unary(() => ({ workers: [] })),
    callPlugin: unary(({ json }) => ({ json })),
    streamTaskLogs: serverStream((request: StreamTaskLogsRequest, call) =>
      wire((answers.streamTaskLogs ?? silence)(request, call)),
    ),
  });
  extend(server);
  const listener = await startListener({ address, server, logger: silentLogger });
  const client = connectMaster(listener.address, { userId: "zoë" });
  return {
    server,
    listener,
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      await listener.close();
      await server.close(500);
    },
  };
}
