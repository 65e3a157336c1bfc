// A task's log as updates: the one iterable that all clients of the master read, those beyond gRPC by iterating it and
// plugins through streamTaskLogsUnified. It is as slow as its reader, and nobody else is.

import type { Logger } from "../../base/logger.ts";
import type { Completion, LogItem, TaskStatus } from "../../log/log-item.ts";
import { selectLines } from "../../log/select-lines.ts";
import { isPast } from "../../log/stamps.ts";
import type { LogUpdate, StreamEnd, StreamTaskLogsOptions } from "./stream-types.ts";
import { type ReaderParts, TaskLogReader } from "./task-log-reader.ts";

/** One reading of a log: its updates, once, and behind the last one how it ended. */
interface TaskLogUpdates extends AsyncIterable<LogUpdate> {
  readonly end: StreamEnd;
}

/** Begins a reading. The iteration ends and throws as streamTaskLogsUnified does. */
export type OpenUpdates = (
  signal: AbortSignal,
  taskId: string,
  userId: string,
  options?: StreamTaskLogsOptions,
) => TaskLogUpdates;

export function createOpenUpdates(parts: ReaderParts, logger: Logger): OpenUpdates {
  return (signal, taskId, userId, options = {}) => {
    const { from = { all: true }, epoch = "", streams, untilTime } = options;
    const follow = (options.follow ?? true) && !(untilTime && isPast(untilTime));
    let reader: TaskLogReader | undefined;
    let completion: Completion | undefined;
    async function* updates(): AsyncGenerator<LogUpdate> {
      const task = await parts.book.find(taskId);
      logger.debug(`${userId || "somebody"} reads ${task.id}`);
      reader = new TaskLogReader(parts, task.id, { from, follow, epoch }, signal);
      let { status } = task;
      for await (const item of selectLines(reader.items(), { streams, untilTime })) {
        if (signal.aborted) return;
        status = statusAfter(item, status);
        if (item.kind === "complete") completion = item.completion;
        yield toUpdate(item, status);
        if (item.kind === "complete") return;
      }
    }
    return {
      [Symbol.asyncIterator]: updates,
      get end(): StreamEnd {
        return { completion, nextSeq: reader?.nextSeq ?? 0, epoch: reader?.epoch ?? epoch };
      },
    };
  };
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
