// The end of a container, from the engine's inspect. The engine tells only an exit code: 128+n for a signal n, which
// a program may also have chosen by itself. The shells' convention decides, as it does for everybody who reads it.

import { constants } from "node:os";
import type { ContainerInspectInfo } from "dockerode";
import { parseStamp, toMs } from "../../base/stamp.ts";
import type { RunResult } from "../output.ts";

/**
 * The result of a container that has printed and that the engine takes for one that never ran, because it was killed
 * while it started it.
 */
const unknownResult = {
  exitCode: undefined,
  signal: "",
  oomKilled: false,
  startedMs: 0,
  message: "the engine ended while it started it, and has lost track of it: how it ended is not known",
};

export function toRunResult(state: ContainerInspectInfo["State"]): RunResult {
  if (state.Status === "created") return { ...unknownResult, finishedMs: Date.now() };
  return {
    exitCode: state.ExitCode,
    signal: signalOf(state.ExitCode),
    // Also set when the kernel killed a child of a command that then ended well.
    oomKilled: state.OOMKilled && state.ExitCode !== 0,
    startedMs: msOfTime(state.StartedAt),
    finishedMs: msOfTime(state.FinishedAt),
  };
}

/** "SIGKILL" for 137; empty for what is no 128+n of an ordinary signal. */
export function signalOf(exitCode: number): string {
  const found = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128);
  return found?.[0] ?? "";
}

/** The engine's time in ms of the Unix epoch; 0 for its "never" (year 1). */
function msOfTime(time: string): number {
  const stamp = parseStamp(time);
  return stamp === undefined ? 0 : toMs(stamp);
}
