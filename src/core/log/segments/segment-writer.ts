// Brings appended lines to the disk in the background, in order: one item after the other of a queue of segments and of
// gaps between them. Appending never waits and never throws. While the disk fails, up to `unwrittenBytesMax` bytes are held
// and tried again with back-off; lines beyond that are given up and become a gap that is itself an item of the queue.
import { doubledMs } from "../../base/back-off.ts";
import { Turns } from "../../base/turns.ts";
import { startTimer, type Timer } from "../../base/wait.ts";
import type { LineBatch } from "../line-batch.ts";
import type { LogGap } from "../log-item.ts";
import type { GapRecord } from "./log-state.ts";
import { OpenSegment } from "./open-segment.ts";
import type { PlainSegment } from "./plain-segment.ts";
import type { Tally } from "./tally.ts";

/** When lines are flushed to disk: never, at the end of each segment, also each second, at each write. */
export type FsyncPolicy = "never" | "roll" | "second" | "always";

export interface WriterOptions {
  readonly segmentBytesMax: number;
  readonly indexEveryBytes: number;
  readonly unwrittenBytesMax: number;
  readonly fsync: FsyncPolicy;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Called before anything is written: makes sure of the state of the log. */
  readonly prepare: () => Promise<void>;
  /** Makes a new segment that begins where `base` ends, and the log know it. */
  readonly newSegment: (base: Tally) => PlainSegment;
  /** Makes a gap durable. */
  readonly saveGap: (gap: GapRecord) => Promise<void>;
  readonly onTrouble: (message: string) => void;
  readonly onRecovered: (gap: LogGap | undefined) => void;
}

/** The time between two flushes with the policy `second`, in ms: what its name says. */
const syncEveryMs = 1000;
/** A caller that does not heed `drain` may run ahead of the disk by this factor. */
const segmentOverrunFactor = 4;
/** The size that a gap counts for among the waiting bytes. */
const gapBytes = 1;

export class SegmentWriter {
  readonly #options: WriterOptions;
  readonly #queue: (OpenSegment | GapRecord)[] = [];
  /** The segment that takes lines. */
  #open: OpenSegment | undefined;
  /** Lines that were given up and are not an item of the queue yet. */
  #lost: GapRecord | undefined;
  /** Bytes taken over so far, and how many of them wait. */
  #takenBytes = 0;
  #unwrittenBytes = 0;
  #isTroubled = false;
  #isRunning = false;
  #isGivingUp = false;
  /** Writes that have failed since the last one that did not. */
  #failures = 0;
  #wake: (() => void) | undefined;
  #waiters: { isMet: () => boolean; resolve: () => void }[] = [];
  #syncTimer: Timer | undefined;
  /** Syncs and closes that run beside the writes. */
  readonly #aside = new Turns();

  constructor(options: WriterOptions, resumed: PlainSegment | undefined, tally: Tally) {
    this.#options = options;
    if (resumed) {
      this.#open = new OpenSegment(resumed, tally, options.indexEveryBytes);
      this.#queue.push(this.#open);
    }
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  get isTroubled(): boolean {
    return this.#isTroubled;
  }

  /** Takes lines over; `tally` is what the log amounts to before them and has them added. */
  append(batch: LineBatch, tally: Tally): void {
    const { segmentBytesMax, unwrittenBytesMax, indexEveryBytes } = this.#options;
    const heldMax = this.#isTroubled ? unwrittenBytesMax : unwrittenBytesMax * segmentOverrunFactor;
    if (this.#lost || this.#unwrittenBytes > heldMax) {
      this.#lose(batch, tally);
      return;
    }
    if (this.#open && this.#open.bytes >= segmentBytesMax) this.#endSegment(tally);
    if (!this.#open) {
      tally.startSegment();
      this.#open = new OpenSegment(this.#options.newSegment(tally.copy()), tally, indexEveryBytes);
      this.#queue.push(this.#open);
    }
    const bytes = this.#open.append(batch, tally);
    this.#takenBytes += bytes;
    this.#unwrittenBytes += bytes;
    tally.add(batch);
    this.#start();
  }

  #lose(batch: LineBatch, tally: Tally): void {
    this.#endSegment(tally);
    tally.add(batch);
    const reason = this.#isTroubled ? "the disk could not be written" : "the disk was too slow";
    this.#lost ??= { fromSeq: batch.firstSeq, toSeq: 0, count: 0, reason, after: tally.toColumns() };
    this.#lost.toSeq = batch.lastSeq;
    this.#lost.count = (this.#lost.count ?? 0) + batch.count;
    this.#lost.after = tally.toColumns();
    this.#start();
  }

  /** Ends the segment that takes lines and puts a gap behind it. */
  addGap(gap: GapRecord, tally: Tally): void {
    this.#queueLost();
    this.#endSegment(tally);
    this.#queueGap(gap);
    this.#start();
  }

  #queueGap(gap: GapRecord): void {
    this.#queue.push(gap);
    this.#takenBytes += gapBytes;
    this.#unwrittenBytes += gapBytes;
  }

  /** The next line begins a new segment. */
  #endSegment(tally: Tally): void {
    this.#open?.end(tally);
    this.#open = undefined;
  }

  #queueLost(): LogGap | undefined {
    const lost = this.#lost;
    if (!lost) return undefined;
    this.#lost = undefined;
    this.#queueGap(lost);
    return toGap(lost, lost.fromSeq);
  }

  /** Lines from `seq` on that are not on disk yet, or the gap there; undefined: to be read from the disk. */
  readUnwritten(seq: number, bytesMax: number): LineBatch | LogGap | undefined {
    if (this.#lost && seq >= this.#lost.fromSeq) return toGap(this.#lost, seq);
    for (const item of this.#queue) {
      if (!(item instanceof OpenSegment)) {
        if (seq >= item.fromSeq && seq <= item.toSeq) return toGap(item, seq);
        continue;
      }
      const batch = item.readUnwritten(seq, bytesMax);
      if (batch) return batch;
    }
    return undefined;
  }

  /** Resolves when there is room for more lines; at once while the disk fails, for then nobody is to wait for it. */
  drain(): Promise<void> {
    const isMet = () => this.#unwrittenBytes < this.#options.unwrittenBytesMax || this.#isTroubled;
    return isMet() ? Promise.resolve() : this.#when(isMet);
  }

  /** Resolves when the files hold everything, synced or not, or the disk fails. */
  written(): Promise<void> {
    const target = this.#takenBytes;
    return this.#when(() => this.#takenBytes - this.#unwrittenBytes >= target || this.#isTroubled);
  }

  /** Resolves when everything is on disk as the policy wants it, or the disk fails; see `isTroubled`. */
  async flush(): Promise<void> {
    await this.written();
    if (!this.#isTroubled && this.#options.fsync !== "never") this.#sync();
    await this.#aside.settled();
  }

  /** Ends the segment that takes lines and brings everything to the disk. What cannot be written now is given up. */
  async finish(tally: Tally): Promise<void> {
    this.#syncTimer?.stop();
    this.#syncTimer = undefined;
    this.#endSegment(tally);
    this.#isGivingUp = true;
    this.#queueLost();
    this.#wake?.();
    this.#start();
    await this.#when(() => !this.#isRunning);
    await this.#aside.settled();
    this.#isGivingUp = false;
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Lines that are appended in the same turn go out in one write.
    queueMicrotask(() => void this.#run());
  }

  /** Works the queue off; never throws. */
  async #run(): Promise<void> {
    for (let item = this.#queue[0]; item; item = this.#queue[0]) {
      // Asked in the same turn in which the loop ends: what is appended later starts it again.
      if (item instanceof OpenSegment && !item.hasUnwritten && !item.isEnded) break;
      try {
        await this.#step(item);
        this.#failures = 0;
        this.#recovered();
      } catch (error) {
        this.#troubled(error as Error);
        if (this.#isGivingUp) await this.#giveUp(item);
        else await this.#pause();
      }
      this.#settle();
    }
    this.#isRunning = false;
    this.#settle();
  }

  /** Does the next thing there is to do. */
  async #step(item: OpenSegment | GapRecord): Promise<void> {
    if (!(item instanceof OpenSegment)) {
      await this.#options.saveGap(item);
      this.#queue.shift();
      this.#unwrittenBytes -= gapBytes;
    } else if (item.hasUnwritten) {
      await this.#options.prepare();
      const bytes = await item.writeNext(this.#options.fsync === "always");
      this.#unwrittenBytes -= bytes;
      this.#syncSoon();
    } else {
      this.#queue.shift();
      this.#beside(() => item.close(this.#options.fsync !== "never"));
    }
  }

  #syncSoon(): void {
    if (this.#options.fsync !== "second" || this.#syncTimer) return;
    this.#syncTimer = startTimer(() => {
      this.#syncTimer = undefined;
      this.#sync();
    }, syncEveryMs).unref();
  }

  #sync(): void {
    for (const item of this.#queue) {
      if (item instanceof OpenSegment && !item.isSynced) this.#beside(() => item.sync());
    }
  }

  #beside(work: () => Promise<void>): void {
    this.#aside.take(work).catch((error: Error) => {
      this.#options.onTrouble(`lines may not outlive a loss of power: ${error.message}`);
    });
  }

  #troubled(error: Error): void {
    if (this.#isTroubled) return;
    this.#isTroubled = true;
    this.#options.onTrouble(error.message);
  }

  /** Something was written: lines are taken again once there is room for them. */
  #recovered(): void {
    const wasTroubled = this.#isTroubled;
    if (!wasTroubled && !this.#lost) return;
    this.#isTroubled = false;
    const hasRoom = wasTroubled || this.#unwrittenBytes < this.#options.unwrittenBytesMax;
    const gap = hasRoom ? this.#queueLost() : undefined;
    if (wasTroubled) this.#options.onRecovered(gap);
  }

  async #pause(): Promise<void> {
    const { retryMinMs, retryMaxMs } = this.#options;
    this.#settle();
    const pauseMs = doubledMs(this.#failures++, retryMinMs, retryMaxMs);
    await new Promise<void>((resolve) => {
      const timer = startTimer(resolve, pauseMs);
      timer.unref();
      this.#wake = () => {
        timer.stop();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** The log is finished and the disk fails: the lines of the item become a gap, or are known as lost to this process only. */
  async #giveUp(item: OpenSegment | GapRecord): Promise<void> {
    this.#queue.shift();
    if (!(item instanceof OpenSegment)) {
      this.#unwrittenBytes -= gapBytes;
      return;
    }
    const fromSeq = item.segment.nextSeq;
    const { nextSeq } = item.segment.end;
    const after = item.segment.end.toColumns();
    this.#unwrittenBytes -= item.abandon();
    this.#beside(() => item.close(this.#options.fsync !== "never"));
    const reason = "the disk could not be written";
    if (nextSeq === fromSeq) return;
    this.#queue.unshift({ fromSeq, toSeq: nextSeq - 1, count: nextSeq - fromSeq, reason, after });
    this.#unwrittenBytes += gapBytes;
  }

  #when(isMet: () => boolean): Promise<void> {
    return isMet() ? Promise.resolve() : new Promise((resolve) => this.#waiters.push({ isMet, resolve }));
  }

  #settle(): void {
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ isMet, resolve }) => {
      if (!isMet()) return true;
      resolve();
      return false;
    });
  }
}

function toGap(gap: GapRecord, fromSeq: number): LogGap {
  const { toSeq, reason } = gap;
  return { fromSeq, toSeq, count: fromSeq === gap.fromSeq ? gap.count : toSeq - fromSeq + 1, reason };
}
