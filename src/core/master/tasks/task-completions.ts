// Completions that the master itself has to give: of tasks that no worker ever ran, or that went with their worker.
import { type Completion, isFinal, type TaskStatus } from "../../log/log-item.ts";

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

/**
 * Returns a completion that ends its task, whatever a worker or a database says: with a status that is none of an end,
 * the task would never be done and its viewers would wait for ever.
 */
export function toFinal(completion: Completion): Completion {
  if (isFinal(completion.status)) return completion;
  const message = completion.message || "it has ended, and its worker does not say how";
  return { ...completion, status: "failed", message };
}
