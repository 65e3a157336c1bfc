// The end of a task, in the words of the one table: from what the runtime says, from an error on the way, and from
// who asked for the end. Exit codes are those of `docker run`: 125, 126, 127, 128+n.
import { TasklogError } from "../../base/errors.ts";
import type { RunResult } from "../../engine/output.ts";
import type { Completion } from "../../log/log-item.ts";

export type StopReason = "cancelled" | "timeout";

const nothingRead = { lastSeq: 0, lines: 0, bytes: 0, checksum: "" };

export function completionOf(result: RunResult, stopped: StopReason | undefined): Completion {
  const { exitCode, signal, startedMs, finishedMs } = result;
  const base = { ...nothingRead, exitCode, signal, startedMs, finishedMs };
  if (stopped === "cancelled")
    return { ...base, status: "cancelled", reason: "cancelled", message: "it was cancelled" };
  if (stopped === "timeout") {
    return {
      ...base,
      status: "failed",
      reason: "timeout",
      message: "it ran longer than its time-out allows",
    };
  }
  const { message = "" } = result;
  if (exitCode === undefined) return { ...base, status: "lost", reason: "lost", message };
  if (result.oomKilled) {
    return { ...base, status: "failed", reason: "oom", message: "it used more memory than its limit allows" };
  }
  return { ...base, status: exitCode === 0 ? "success" : "failed", reason: "", message };
}

/** Makes the completion of a task that could not be started, or whose run was lost sight of. */
export function completionOfError(
  thrown: unknown,
  stopped: StopReason | undefined,
  startedMs: number,
): Completion {
  const base = { ...nothingRead, signal: "", startedMs, finishedMs: Date.now() };
  if (stopped === "cancelled") {
    return {
      ...base,
      status: "cancelled",
      reason: "cancelled",
      message: "it was cancelled before it started",
    };
  }
  const error = TasklogError.from(thrown);
  if (error.code === "not_found") {
    const message = `${error.message}: how it ended is not known`;
    return { ...base, status: "lost", reason: "lost", message };
  }
  const reason = { image: "image", command_not_found: "command", not_executable: "command" }[
    error.code as string
  ];
  return {
    ...base,
    status: "failed",
    exitCode: error.exitCode,
    reason: reason ?? "engine",
    message: error.message,
  };
}
