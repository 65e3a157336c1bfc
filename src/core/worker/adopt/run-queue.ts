// The runs of adopted containers that are to be read, those of one container one after the other: the next begins in
// the engine's log exactly where the reading of the one before it ended, so each line is of one run and none is of none.

import { ReadingPlaces } from "../../engine/sources/reading-places.ts";
import { isFinal } from "../../log/log-item.ts";
import type { TaskExecutor } from "../tasks/task-executor.ts";
import type { TaskRecords } from "../tasks/task-records.ts";
import type { AdoptedRunSource } from "./adopted-run-source.ts";
import type { AdoptedRunState } from "./adopted-run-state.ts";

export interface RunQueueParts {
  records: TaskRecords;
  executor: TaskExecutor;
  source: AdoptedRunSource;
  signal: AbortSignal;
}

export class RunQueue {
  readonly #parts: RunQueueParts;
  /** The run of each container that was queued last, and its end. */
  readonly #last = new Map<string, { run: AdoptedRunState; done: Promise<void> }>();

  constructor(parts: RunQueueParts) {
    this.#parts = parts;
  }

  /** The last run of the container, unless its end is known. */
  open(containerId: string): AdoptedRunState | undefined {
    const run = this.#last.get(containerId)?.run;
    return run?.hasEnded ? undefined : run;
  }

  /** Those whose end is not known. */
  allOpen(): AdoptedRunState[] {
    return [...this.#last.values()].map(({ run }) => run).filter((run) => !run.hasEnded);
  }

  /** Written down at once, read when its turn comes. */
  add(run: AdoptedRunState): void {
    const { containerId } = run.record.adopted;
    const before = this.#last.get(containerId);
    this.#parts.records.save(run.record);
    this.#last.set(containerId, { run, done: this.#read(run, before) });
  }

  /** The container is gone, and has no further runs. */
  forget(containerId: string): void {
    this.#last.delete(containerId);
  }

  /** Resolves when nothing is read any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#last.values()].map(({ done }) => done));
  }

  async #read(
    run: AdoptedRunState,
    before: { run: AdoptedRunState; done: Promise<void> } | undefined,
  ): Promise<void> {
    const { records, executor, source, signal } = this.#parts;
    await before?.done;
    if (signal.aborted) return;
    const { record } = run;
    if (record.status === "pending") {
      const until = before?.run.record.adopted.end?.until;
      if (until !== undefined) record.adopted.from = { place: before?.run.place, after: until };
      record.status = "running";
      records.save(record);
    }
    source.add(run);
    await executor.readAdopted(record, source);
    source.delete(run);
    if (isFinal(record.status)) ReadingPlaces.forget(records, record.taskId);
  }
}
