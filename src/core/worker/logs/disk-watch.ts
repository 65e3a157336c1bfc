// Tells when the disk does not keep up with a task: that it fails, which the log itself finds out, and that it is slow,
// which nothing else says. A disk that is merely slow fails nothing: viewers see lines at once, those that wait for the
// disk are held in memory, and where they are too many the task's own output waits (`room`); without a word of it the
// task would only seem slow.
//
// Nothing is looked at while the disk keeps up: `look` is called when lines are late, and looks until they are not.

import type { Logger } from "../../base/logger.ts";
import { atMost } from "../../base/wait.ts";
import type { SegmentLog } from "../../log/segments/segment-log.ts";

/** A disk that has not taken lines after so long is said to be slow, in ms. */
const diskBehindMs = 2_000;

export class DiskWatch {
  readonly #log: SegmentLog;
  readonly #taskId: string;
  readonly #logger: Logger;
  readonly #onChange: () => void;
  /** Lines have waited for the disk for more than `diskBehindMs`. */
  #isBehind = false;
  /** The reason why the disk takes no lines, in the system's words. */
  #trouble: string | undefined;
  #heldMs = 0;
  #heldSinceMs: number | undefined;
  #isLooking = false;
  #isOver = false;

  /** `onChange`: `notice` or `report` is another one. */
  constructor(taskId: string, log: SegmentLog, logger: Logger, onChange: () => void) {
    this.#taskId = taskId;
    this.#log = log;
    this.#logger = logger;
    this.#onChange = onChange;
  }

  /** A sentence for viewers; empty while the disk keeps up. The gap, if there is one, stands in the log itself. */
  get notice(): string {
    if (this.#trouble !== undefined)
      return `the disk does not take lines (${this.#trouble}); live lines go on, what cannot be kept will be a gap`;
    return this.#isBehind
      ? "the worker's disk is slow: live lines go on, and the task waits where it prints more than the disk takes"
      : "";
  }

  /** The report for the master: how long the task's output has been held up so far, in ms, and whether lines wait. */
  get report(): { diskHeldMs: number; diskBehind: boolean } {
    const now = performance.now();
    const diskHeldMs = Math.round(this.#heldMs + (now - (this.#heldSinceMs ?? now)));
    return { diskHeldMs, diskBehind: this.notice !== "" };
  }

  /** Holds up the task until there is room for more lines. */
  async room(): Promise<void> {
    this.#heldSinceMs = performance.now();
    await this.#log.drain();
    this.#heldMs += performance.now() - this.#heldSinceMs;
    this.#heldSinceMs = undefined;
  }

  /** The disk takes nothing, or (undefined) works again. */
  fails(trouble: string | undefined): void {
    this.#set(() => {
      this.#trouble = trouble;
    });
  }

  /** Lines were not written at once. */
  look(): void {
    if (!this.#isLooking) void this.#look();
  }

  /** The task has ended: nothing is told any more. */
  stop(): void {
    this.#isOver = true;
    this.#isBehind = false;
    this.#trouble = undefined;
  }

  /** Waits until all lines that were there when it looked are written in time, or the disk fails. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    for (let isLate = true; isLate; ) {
      const written = this.#log.written();
      isLate = false;
      while (!(await atMost(diskBehindMs, written)) && !this.#isOver) {
        isLate = true;
        this.#set(() => {
          this.#isBehind = true;
        });
      }
    }
    this.#isLooking = false;
    if (!this.#isBehind) return;
    this.#set(() => {
      this.#isBehind = false;
    });
  }

  #set(change: () => void): void {
    if (this.#isOver) return;
    const before = this.notice;
    change();
    const { notice } = this;
    if (notice === "" && before !== "") this.#logger.info(`${this.#taskId}: the disk accepts lines again`);
    else if (notice !== before) this.#logger.warn(`${this.#taskId}: ${notice}`);
    this.#onChange();
  }
}
