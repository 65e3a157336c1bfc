// streamTaskLogsUnified: hands the updates of a task's log to a LogStreamHandler, one after the other.

import type { StreamTaskLogsUnified } from "./stream-types.ts";
import type { OpenUpdates } from "./task-log-updates.ts";

export function createStreamTaskLogs(openUpdates: OpenUpdates): StreamTaskLogsUnified {
  return async (signal, taskId, userId, handler, options) => {
    const updates = openUpdates(signal, taskId, userId, options);
    for await (const update of updates) await handler(update);
    return updates.end;
  };
}
