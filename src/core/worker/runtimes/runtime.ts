// The runtimes with which a worker runs tasks. Two exist: docker (the real one) and process (plain child processes,
// off unless asked for). Both pass the same contract suite (test/core/worker/runtimes/runtime-contract.ts); a new one
// starts there. What only reads the runs that others started is a RunSource (core/worker/adopt).

import type { OutputItem, RunResult, Taken } from "../../engine/output.ts";
import type { Progress } from "../../log/log-item.ts";
import type { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";

/** One started run. Its output must be read to the end, at once: a reader that pauses stops the task. */
export interface Run {
  /** Container id, or `pid:starttime` of a process group: what `find` gives after a restart of the worker. */
  readonly handle: string;
  /** The limits of its output, one clause for a person; absent: nothing. */
  readonly limits?: string;
  /**
   * The output of the run, from its very first byte to the end: attach before start. Throws TasklogError
   * "unavailable" when the engine went away; then `reopen` is the way on.
   */
  readonly output: AsyncIterable<OutputItem>;
  /** Resolves when the run has ended. Throws TasklogError "unavailable" when the engine went away. */
  wait(): Promise<RunResult>;
  /** SIGTERM to all of it, SIGKILL after `graceMs`. Resolves at the end of the run. */
  stop(graceMs: number): Promise<void>;
  /** Resizes its terminal; absent if it has none. Throws what the engine says of one that has ended. */
  resizeTerminal?(rows: number, columns: number): Promise<void>;
  /** Stops reading: `output` ends, `wait` never resolves, the run goes on where the runtime can keep it. */
  detach(): void;
}

export interface FoundRun {
  taskId: string;
  handle: string;
  /** False: its worker ended while it started it, or the engine is starting it just now. */
  wasStarted: boolean;
  running: boolean;
  /** The specification it was started with, without variables, and its user: if the runtime has kept that itself. */
  spec?: TaskSpec | undefined;
  userId?: string | undefined;
}

/** Reads runs that exist already, whoever started them. */
export interface RunSource {
  /** Goes on reading a run, from behind the lines taken already. Throws "not_found" when it is gone. */
  reopen(handle: string, taken: Taken): Promise<Run>;
}

/** Starts the runs that it reads, and removes what is left of them. */
export interface TaskRuntime extends RunSource {
  readonly name: "docker" | "process";
  /** True if its engine has ever answered to this worker: one that never has is not waited for. */
  readonly hasAnswered: boolean;
  /** "docker 20.10.24"; throws TasklogError "unavailable" with a sentence that says what to do. */
  version(): Promise<string>;
  /** Makes the image available; reports progress. Throws "image" (no such image) or "unavailable". Abort throws. */
  prepare(spec: TaskSpec, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void>;
  /**
   * Creates and starts a run whose output is read from the first byte. Throws "command_not_found",
   * "not_executable", "invalid" (limits, volumes, network …) or "image", and leaves nothing behind; or "unavailable"
   * when the engine went away: then what is left is found when it is called again, and a run that had begun is opened
   * where it stands, from its first byte, so that no command runs twice. `userId`: who submitted the task.
   */
  start(taskId: string, spec: TaskSpec, userId?: string, taken?: Taken): Promise<Run>;
  /** Removes what a start that broke off has left of a task that shall not be started any more. Nothing is fine. */
  discard(taskId: string): Promise<void>;
  /** The runs of this worker that exist now, running or ended, e.g. after a restart of the worker. */
  find(): Promise<FoundRun[]>;
  /** Removes what is left of a run (the container). After the last byte was read, never before. Gone is fine. */
  remove(handle: string): Promise<void>;
}
