// One command as a child in a process group and session of its own. When its first process ends, what is left of the
// group is killed, as the engine does with a container; a process that left the group and still holds the pipes is
// not waited for.

import type { ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { startInterval, startTimer } from "../../../base/wait.ts";
import type { OutputChunk, RunResult } from "../../../engine/output.ts";
import type { Run } from "../runtime.ts";
import { MergedOutput } from "./merged-output.ts";
import { groupName, signalGroup } from "./process-group.ts";

/** The time the pipes may stay open and silent after the end of the command, in ms. */
const silentPipeMs = 500;

export class ProcessRun implements Run {
  readonly handle: string;
  readonly output: AsyncIterable<OutputChunk>;
  readonly #pid: number;
  readonly #merged: MergedOutput;
  readonly #ended: Promise<RunResult>;
  #isDetached = false;
  #hasEnded = false;

  /** `child` must have been spawned just now, detached, with pipes. */
  constructor(child: ChildProcess & { pid: number; stdout: Readable; stderr: Readable }) {
    this.#pid = child.pid;
    this.handle = groupName(child.pid);
    this.#merged = new MergedOutput(child.stdout, child.stderr);
    this.#ended = this.#awaitEnd(child, Date.now());
    this.output = this.#merged;
  }

  wait(): Promise<RunResult> {
    return this.#isDetached ? new Promise(() => {}) : this.#ended;
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#hasEnded) return;
    signalGroup(this.#pid, graceMs > 0 ? "SIGTERM" : "SIGKILL");
    using _timer = startTimer(() => this.kill(), graceMs);
    await this.#ended;
  }

  /** A child does not outlive its worker: nobody would read its pipes. */
  detach(): void {
    this.#isDetached = true;
    this.kill();
    this.#merged.close();
  }

  kill(): void {
    if (!this.#hasEnded) signalGroup(this.#pid, "SIGKILL");
  }

  #awaitEnd(child: ChildProcess, startedMs: number): Promise<RunResult> {
    const { promise, resolve } = Promise.withResolvers<RunResult>();
    child.once("exit", (code, signal) => {
      signalGroup(this.#pid, "SIGKILL");
      this.#hasEnded = true;
      this.#closeSilentPipes();
      const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
      resolve({ exitCode, signal: signal ?? "", oomKilled: false, startedMs, finishedMs: Date.now() });
    });
    return promise;
  }

  #closeSilentPipes(): void {
    let wasIdle = false;
    const timer = startInterval(() => {
      if (this.#merged.isOver) timer.stop();
      else if (wasIdle && this.#merged.isIdle) this.#merged.close();
      wasIdle = this.#merged.isIdle;
    }, silentPipeMs);
    timer.unref();
  }
}
