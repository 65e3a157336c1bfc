// A task in the words and colours of a terminal.
import type { Completion, TaskStatus } from "../../core/log/log-item.ts";
import type { Task } from "../../core/rpc/gen/tasklog/v1/task.ts";
import { formatDuration } from "../output/quantities.ts";
import type { Style } from "../output/style.ts";

export function statusStyle(style: Style, status: TaskStatus): (text: string) => string {
  if (status === "success") return style.green;
  if (status === "failed" || status === "lost") return style.red;
  if (status === "running") return style.cyan;
  return style.yellow;
}

/** `failed (3)`, `failed (oom)`, `running`. */
export function statusText({ status, completion }: Task): string {
  const why = completion === undefined ? "" : completion.reason || failureCode(completion);
  return why === "" || why === status ? status : `${status} (${why})`;
}

function failureCode({ status, exitCode }: Completion): string {
  return status === "success" || exitCode === undefined ? "" : String(exitCode);
}

/** Formats the time that the task ran, or has run so far. */
export function runTime(task: Task, nowMs: number): string {
  if (task.startedMs === 0) return "-";
  return formatDuration((task.finishedMs || nowMs) - task.startedMs);
}

/** The command as one would type it. */
export function commandText({ spec }: Task): string {
  return [...(spec?.entrypoint ?? []), ...(spec?.command ?? [])].map(quoted).join(" ") || "-";
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Says in one line what the status of an end does not; empty when there is nothing to add. */
export function completionText(completion: Completion): string {
  const { exitCode, signal, reason, message, startedMs, finishedMs } = completion;
  const parts = [
    ...(completion.status !== "success" && exitCode !== undefined ? [`exit code ${exitCode}`] : []),
    ...(signal ? [signal] : []),
    ...(reason && reason !== completion.status ? [reason] : []),
    ...(message ? [message] : []),
    ...(startedMs > 0 && finishedMs >= startedMs ? [`ran ${formatDuration(finishedMs - startedMs)}`] : []),
  ];
  return parts.join(" · ");
}
