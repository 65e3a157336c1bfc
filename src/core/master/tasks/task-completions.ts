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

/** The reason of an end that the database does not tell. */
const unknownReason = "unknown";

/** Stands for the completion of a row that lacks one. Nothing is known of its log, which its worker may still have. */
export function unknownEnd(status: TaskStatus): Completion {
  return emptyCompletion(status, unknownReason, "how it ended was not written down");
}

/** True if the completion says how far the log goes, so that a `lastSeq` of 0 means that nothing was printed. */
export function knowsItsLog({ status, reason }: Completion): boolean {
  return status !== "lost" && reason !== unknownReason;
}
