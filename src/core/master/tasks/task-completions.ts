// Completions that the master itself has to give: of tasks that no worker ever ran, or that went with their worker.
import type { Completion, TaskStatus } from "../../log/log-item.ts";

/** Nothing is known of its log. `reason` and `message` as in Completion. */
export function emptyCompletion(status: TaskStatus, reason: string, message: string): Completion {
  return {
    status,
    signal: "",
    reason,
    message,
    lastSeq: 0,
    lines: 0,
    bytes: 0,
    startedMs: 0,
    finishedMs: Date.now(),
    checksum: "",
  };
}
