// The gRPC service of a worker, as its master calls it. Nothing but translation: requests to the executor, items of
// a log to messages.
import { isErrorCode, TasklogError } from "../base/errors.ts";
import { hostId } from "../base/host-id.ts";
import { readBytesDefault, readBytesMax } from "../base/limits.ts";
import { protocolVersion } from "../base/version.ts";
import { LineBatch } from "../log/line-batch.ts";
import type { LogStreamManager } from "../log/log-stream-manager.ts";
import type { LogItem as WireItem } from "../rpc/gen/tasklog/v1/log.ts";
import type { WorkerInfo } from "../rpc/gen/tasklog/v1/task.ts";
import type {
  ReadLogReply,
  ReadLogRequest,
  StreamLogsRequest,
  WorkerServer,
} from "../rpc/gen/tasklog/v1/worker.ts";
import { toWire } from "../rpc/log-item-codec.ts";
import { type CallContext, serverStream, unary } from "../rpc/server-methods.ts";
import type { TaskLogs } from "./logs/task-logs.ts";
import type { TaskExecutor } from "./tasks/task-executor.ts";
import type { TaskRecords } from "./tasks/task-records.ts";
import type { TaskReports } from "./tasks/task-reports.ts";

export interface WorkerServiceParts {
  describe: () => Promise<Omit<WorkerInfo, "connected" | "connectedMs" | "lastSeenMs" | "hostId">>;
  executor: TaskExecutor;
  reports: TaskReports;
  records: TaskRecords;
  manager: LogStreamManager;
  logs: TaskLogs;
  /** A master has greeted this worker and takes it: it watches its tasks. */
  onAccepted: () => void;
  onDismissed: (error: TasklogError) => void;
}

export function createWorkerService(parts: WorkerServiceParts): WorkerServer {
  return {
    hello: unary(
      async () => ({
        protocol: protocolVersion,
        worker: {
          ...(await parts.describe()),
          connected: true,
          connectedMs: 0,
          lastSeenMs: 0,
          hostId: hostId(),
        },
        nowMs: Date.now(),
      }),
      { anyProtocol: true },
    ),
    dismiss: unary(
      ({ code, message }) => {
        parts.onDismissed(new TasklogError(isErrorCode(code) ? code : "internal", message));
        return {};
      },
      { anyProtocol: true },
    ),
    startTask: unary(({ taskId, spec, userId }) => {
      if (spec === undefined) throw new TasklogError("invalid", `${taskId} came without a specification`);
      parts.executor.startTask(taskId, spec, userId);
      return {};
    }),
    resizeTerminal: unary(async ({ taskId, rows, columns }) => {
      await parts.executor.resizeTerminal(taskId, rows, columns);
      return {};
    }),
    stopTask: unary(({ taskId, force }) => ({ known: parts.executor.stopTask(taskId, force) })),
    watchTasks: serverStream((_request, { signal }) => {
      parts.onAccepted();
      return parts.reports.watch(signal);
    }),
    streamLogs: serverStream((request, call) => streamLogs(parts.manager, request, call)),
    readLog: unary((request, { signal }) => readLog(parts, request, signal)),
  };
}

async function* streamLogs(
  manager: LogStreamManager,
  { taskId, fromSeq, epoch, compress }: StreamLogsRequest,
  { signal }: CallContext,
): AsyncGenerator<WireItem> {
  const from = fromSeq === 0 ? { tail: 0 } : { fromSeq };
  for await (const item of manager.subscribe(taskId, { from, follow: true, epoch, signal })) {
    yield toWire(item, compress);
  }
}

async function readLog(
  { logs, records }: WorkerServiceParts,
  request: ReadLogRequest,
  signal: AbortSignal,
): Promise<ReadLogReply> {
  const { taskId, compress } = request;
  const record = records.get(taskId);
  if (record === undefined) throw new TasklogError("not_found", `this worker has no task ${taskId}`);
  const log = await logs.open(taskId);
  const complete = record.completion !== undefined;
  const reply = { nextSeq: log.nextSeq, firstSeq: log.firstSeq, complete, epoch: log.epoch };
  const fromSeq =
    request.sinceSeconds > 0
      ? await log.locate({ seconds: request.sinceSeconds, nanos: request.sinceNanos })
      : Math.max(1, request.fromSeq);
  if (fromSeq >= log.nextSeq) return { ...reply, items: [] };
  const bytesMax = Math.min(request.bytesMax || readBytesDefault, readBytesMax);
  const found = await log.read(fromSeq, bytesMax, signal);
  const item =
    found instanceof LineBatch
      ? ({ kind: "batch", batch: found } as const)
      : ({ kind: "gap", ...found } as const);
  return { ...reply, items: [toWire(item, compress)] };
}
