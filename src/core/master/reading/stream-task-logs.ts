// The only way lines leave the master: every client, in this process or beyond gRPC, hands in a LogStreamHandler.

import type { Logger } from "../../base/logger.ts";
import type { LogItem, TaskStatus } from "../../log/log-item.ts";
import { selectLines } from "../../log/select-lines.ts";
import { isPast } from "../../log/stamps.ts";
import type { LogUpdate, StreamEnd, StreamTaskLogsUnified } from "./stream-types.ts";
import { type ReaderParts, TaskLogReader } from "./task-log-reader.ts";

export function createStreamTaskLogs(parts: ReaderParts, logger: Logger): StreamTaskLogsUnified {
  return async (signal, taskId, userId, handler, options = {}): Promise<StreamEnd> => {
    const { from = { all: true }, epoch = "", streams, untilTime } = options;
    const follow = (options.follow ?? true) && !(untilTime && isPast(untilTime));
    const task = await parts.book.find(taskId);
    logger.debug(`${userId || "somebody"} reads ${task.id}`);
    const reader = new TaskLogReader(parts, task.id, { from, follow, epoch }, signal);
    let status = task.status;
    for await (const item of selectLines(reader.items(), { streams, untilTime })) {
      if (signal.aborted) break;
      status = statusAfter(item, status);
      const update = toUpdate(item, status);
      await handler(update);
      if (update.completion !== undefined) return endOf(reader, update);
    }
    return endOf(reader, undefined);
  };
}

function endOf({ nextSeq, epoch }: TaskLogReader, last: LogUpdate | undefined): StreamEnd {
  return { completion: last?.completion, nextSeq: nextSeq ?? 0, epoch };
}

function statusAfter(item: LogItem, before: TaskStatus): TaskStatus {
  if (item.kind === "status") return item.status;
  return item.kind === "complete" ? item.completion.status : before;
}

function toUpdate(item: LogItem, status: TaskStatus): LogUpdate {
  const base = { item, status, isComplete: false };
  switch (item.kind) {
    case "start":
      return { ...base, start: item };
    case "batch":
      return { ...base, lines: item.batch };
    case "gap":
      return { ...base, gap: item };
    case "partial":
      return { ...base, partial: item };
    case "status":
      return item.progress === undefined ? base : { ...base, progress: item.progress };
    case "complete":
      return { ...base, isComplete: true, completion: item.completion };
  }
}
