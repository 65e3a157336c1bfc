// The exit code of a command that waited for a task: the task's own, and where it has none the one that tells why.

import { constants } from "node:os";
import type { Completion } from "../../core/log/log-item.ts";

const timeoutExitCode = 124;
const ownFailureExitCode = 125;

/** 124 time-out; the task's own; 128+n by signal; 125 where it never ran or was lost. */
export function exitCodeOf({ status, reason, exitCode, signal }: Completion): number {
  if (reason === "timeout") return timeoutExitCode;
  if (exitCode !== undefined) return exitCode;
  if (status === "success") return 0;
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  if (number !== undefined) return 128 + number;
  return status === "cancelled" ? 128 + constants.signals.SIGTERM : ownFailureExitCode;
}
