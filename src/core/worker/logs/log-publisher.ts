// Brings the lines of a task to its log and then to its viewers, in that order: a line is shown once the file has it.
// A worker that is killed reads what its files lack from the engine again, and the engine's log may hold the lines of
// the two streams in another order than they were seen in. Had a viewer seen a line that is not in the file, the same
// number could come to mean another line. The file means the kernel's memory, not the platter: it costs about 0.1 ms.
//
// A disk that hangs or is slow must not hold up viewers: after `publishAfterMs` lines are shown all the same, and until it
// has caught up nobody waits for it. It is waited for in steps, so that a process that was stopped (SIGSTOP) does not take
// the time in which it did not run for the disk's.

import { atMost } from "../../base/wait.ts";
import type { LineBatch } from "../../log/line-batch.ts";
import type { SegmentLog } from "../../log/segments/segment-log.ts";
import type { TaskLogBroadcaster } from "../../log/task-log-broadcaster.ts";

/** Lines are shown before the file has them when that takes longer than this, waited for in such steps, in ms. */
const publishAfterMs = 1000;
const publishStepMs = 50;

export class LogPublisher {
  readonly #log: SegmentLog;
  readonly #broadcaster: TaskLogBroadcaster;
  readonly #onLate: () => void;
  #waiting: LineBatch[] = [];
  #publishing: Promise<void> | undefined;
  #isDiskHanging = false;

  /** `onLate`: the disk has not taken lines at once. */
  constructor(log: SegmentLog, broadcaster: TaskLogBroadcaster, onLate: () => void) {
    this.#log = log;
    this.#broadcaster = broadcaster;
    this.#onLate = onLate;
  }

  /** Numbers the lines and takes them over. */
  add(batch: LineBatch): void {
    const numbered = batch.numbered(this.#log.nextSeq);
    this.#log.append(numbered);
    this.#waiting.push(numbered);
    this.#start();
  }

  /** A gap stands in the numbers: one that nobody can count (`lines` undefined) takes one. */
  addGap(reason: string, lines?: number): void {
    this.#log.appendGap(this.#log.nextSeq + (lines ?? 1) - 1, reason, lines);
    this.#start();
  }

  /** Resolves when everything taken over is published. */
  async settled(): Promise<void> {
    await this.#publishing;
  }

  #start(): void {
    this.#publishing ??= this.#publish();
  }

  async #publish(): Promise<void> {
    while (this.#waiting.length > 0 || this.#broadcaster.nextSeq < this.#log.nextSeq) {
      const ready = this.#waiting;
      const nextSeq = this.#log.nextSeq;
      this.#waiting = [];
      // Awaited in any case: `#start` must have its promise before this ends.
      await (this.#isDiskHanging ? undefined : this.#untilWritten());
      for (const batch of ready) this.#broadcaster.publishNumbered(batch);
      this.#broadcaster.skipTo(nextSeq);
    }
    // In the same turn as the last look at what waits, so that nothing is added to a loop that has ended.
    this.#publishing = undefined;
  }

  async #untilWritten(): Promise<void> {
    let isWritten = false;
    const written = this.#log.written().then(() => {
      isWritten = true;
    });
    for (let ms = 0; ms < publishAfterMs && !isWritten; ms += publishStepMs) {
      await atMost(publishStepMs, written);
      if (!isWritten) this.#onLate();
    }
    if (!isWritten) void this.#doWithoutDisk();
  }

  /** A disk that is slow has caught up when it takes lines at once again, not when it has taken some. */
  async #doWithoutDisk(): Promise<void> {
    this.#isDiskHanging = true;
    while (!(await atMost(publishStepMs, this.#log.written()))) {
      // The first look may have found few lines that waited; those that came since then may wait for long.
      this.#onLate();
      await this.#log.written();
    }
    this.#isDiskHanging = false;
  }
}
