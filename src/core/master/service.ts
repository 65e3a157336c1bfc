// The gRPC service of a master: translation and nothing else.

import { TasklogError } from "../base/errors.ts";
import { hasLabels } from "../base/labels.ts";
import { previousMax, tasksPageMax } from "../base/limits.ts";
import type { From } from "../log/task-log-broadcaster.ts";
import type { LogItem as WireItem } from "../rpc/gen/tasklog/v1/log.ts";
import type { GetInfoReply, MasterServer, StreamTaskLogsRequest } from "../rpc/gen/tasklog/v1/master.ts";
import type { Task } from "../rpc/gen/tasklog/v1/task.ts";
import { type CallContext, serverStream, unary } from "../rpc/server-methods.ts";
import { toSharedWire } from "../rpc/shared-items.ts";
import type { Plugins } from "./plugins/plugin-host.ts";
import type { StreamTaskLogsOptions } from "./reading/stream-types.ts";
import type { OpenUpdates } from "./reading/task-log-updates.ts";
import type { Submission, TaskBook } from "./tasks/task-book.ts";
import type { Workers } from "./workers/workers.ts";

export interface MasterServiceParts {
  book: TaskBook;
  workers: Workers;
  plugins: Pick<Plugins, "names" | "call">;
  submit: (submission: Submission) => Promise<Task>;
  openUpdates: OpenUpdates;
  info: () => GetInfoReply;
}

export function createMasterService(parts: MasterServiceParts): MasterServer {
  const { book, workers, plugins } = parts;
  return {
    getInfo: unary(() => parts.info(), { anyProtocol: true }),
    submitTask: unary(({ spec, requestId }, { userId }) => {
      if (spec === undefined) throw new TasklogError("invalid", "there is no task in the request");
      return parts.submit({ spec, userId, requestId });
    }),
    getTask: unary(({ task, previous }) => book.find(task, Math.min(previous, previousMax))),
    listTasks: unary(async (filter) => {
      const limit = Math.min(filter.limit || tasksPageMax, tasksPageMax);
      return { tasks: await book.list({ ...filter, limit }), nowMs: Date.now() };
    }),
    cancelTask: unary(({ task, force }) => book.cancel(task, force)),
    resizeTask: unary(async ({ task, rows, columns }, { signal }) => {
      const { id, status, workerId } = await book.find(task);
      if (status === "running" && rows > 0 && columns > 0) {
        await workers.get(workerId)?.client.resizeTerminal({ taskId: id, rows, columns }, signal);
      }
      return {};
    }),
    listWorkers: unary(async ({ labels }) => {
      await workers.refreshEngines();
      const listed = workers.list().filter((worker) => hasLabels(worker.labels, labels));
      return { workers: listed, nowMs: Date.now() };
    }),
    streamTaskLogs: serverStream((request, call) => streamTaskLogs(parts.openUpdates, request, call)),
    callPlugin: unary(async ({ plugin, method, json }, { userId, signal }) => {
      const answer = await plugins.call(plugin, method, fromJson(json), { userId, signal });
      return { json: JSON.stringify(answer ?? null) };
    }),
  };
}

async function* streamTaskLogs(
  openUpdates: OpenUpdates,
  request: StreamTaskLogsRequest,
  { signal, userId }: CallContext,
): AsyncGenerator<WireItem> {
  for await (const { item } of openUpdates(signal, request.task, userId, toOptions(request))) {
    yield toSharedWire(item, request.compress);
  }
}

function toOptions({ start, follow, epoch, until, streams }: StreamTaskLogsRequest): StreamTaskLogsOptions {
  const named = (["stdout", "stderr"] as const).filter((stream) => streams.includes(stream));
  return {
    from: toFrom(start),
    follow,
    ...(start?.$case === "fromSeq" && { epoch }),
    ...(named.length > 0 && { streams: named }),
    ...(until !== undefined && { untilTime: until }),
  };
}

function toFrom(start: StreamTaskLogsRequest["start"]): From {
  switch (start?.$case) {
    case "fromSeq":
      return { fromSeq: start.value };
    case "tail":
      return { tail: start.value };
    case "since":
      return { sinceTime: start.value };
    default:
      return { all: true };
  }
}

function fromJson(json: string): unknown {
  try {
    return json === "" ? undefined : JSON.parse(json);
  } catch (error) {
    throw new TasklogError("invalid", "what is given to the plugin is no JSON", { cause: error });
  }
}
