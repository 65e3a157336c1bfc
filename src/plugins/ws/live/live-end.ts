// The live end of one task's log, for all viewers that have come to it: one cursor for all of them. A line is read and
// encoded once and then sent to each, and a viewer at the end costs nothing but its place in a set. One whose socket
// is full leaves the set, knowing its seq: it goes on with a cursor of its own at its own pace, and comes back when
// it has caught up. Nothing is queued here and nobody waited for.

import { nextTurn, sleep } from "../../../core/base/wait.ts";
import { SeqCursor } from "../../../core/log/seq-cursor.ts";
import type { LogUpdate } from "../../../core/plugin-api.ts";
import { itemFrame, linesFrame } from "./frames.ts";
import type { LogStreams } from "./log-streams.ts";

export interface LiveViewer {
  readonly taskId: string;
  /** The epoch of the log whose line it wants next. */
  readonly epoch: string;
  readonly nextSeq: number;
  /** Undefined: go on at once; else it is full. */
  send(frame: Buffer): Promise<void> | undefined;
  /** Called when it has joined and is sent what comes. */
  joined(): void;
  /** It is sent nothing any more, and needs the line `nextSeq`. */
  fell(nextSeq: number): void;
  /** It has been sent the last item. */
  completed(): void;
}

/** The event loop has its turn after so many sends. */
const turnSends = 2000;
/**
 * A send is a system call, whether its frame holds one line or fifty. So after each round of sends lines gather for
 * as long as the round took: sending takes half of the time at most, and with few viewers the pause is nothing. It
 * ends at the latest after so long, in ms, or when, at the pace of the last round, so many lines have come: they must
 * still be in the ring.
 */
const gatherMsMax = 10;
const gatherLinesMax = 250;

export class LiveEnd {
  readonly taskId: string;
  readonly #stop = new AbortController();
  readonly #viewers = new Set<LiveViewer>();
  /** The viewers on their way, each with a cursor of its own. */
  readonly #comers = new Set<LiveViewer>();
  readonly #place = new SeqCursor();
  /** The time when the last round of lines began, in ms. */
  #roundMs = 0;
  /** The frames a new viewer may have missed: the status, and text without a newline. */
  #status: Buffer | undefined;
  readonly #partials = new Map<string, Buffer>();

  constructor(taskId: string) {
    this.taskId = taskId;
  }

  get isLeft(): boolean {
    return this.#viewers.size === 0 && this.#comers.size === 0;
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Runs to its end; `onEnd` is called before those who are still here are dropped. Never rejects. */
  async run(stream: LogStreams, onEnd: () => void): Promise<void> {
    const from = { from: { tail: 0 } } as const;
    await stream(this.#stop.signal, this.taskId, (update) => this.#take(update), from);
    this.#place.epoch = "";
    onEnd();
    this.#dropAll();
  }

  expect(viewer: LiveViewer): void {
    this.#comers.add(viewer);
  }

  forget(viewer: LiveViewer): void {
    this.#comers.delete(viewer);
    this.#viewers.delete(viewer);
  }

  /** Takes a comer in if it has come to the end. */
  check(viewer: LiveViewer): void {
    const { epoch, nextSeq } = this.#place;
    const isHere = epoch !== "" && viewer.epoch === epoch && viewer.nextSeq === nextSeq;
    if (!isHere || !this.#comers.has(viewer)) return;
    this.#comers.delete(viewer);
    this.#viewers.add(viewer);
    viewer.joined();
    for (const frame of [this.#status, ...this.#partials.values()]) {
      if (frame !== undefined && this.#viewers.has(viewer)) this.#send(viewer, frame);
    }
  }

  async #take({ item }: LogUpdate): Promise<void> {
    const beganMs = performance.now();
    const id = this.taskId;
    const frame = item.kind === "batch" ? linesFrame(id, item.batch) : itemFrame(id, item);
    if (item.kind === "start") {
      if (this.#place.epoch !== item.epoch) this.#dropAll();
      this.#place.note(item);
    } else if (item.kind === "batch" || item.kind === "gap") {
      this.#partials.clear();
      this.#place.note(item);
      await this.#sendAll(frame);
    } else {
      if (item.kind === "status") this.#status = frame;
      if (item.kind === "partial") this.#partials.set(item.stream, frame as Buffer);
      await this.#sendAll(frame);
      if (item.kind === "complete") this.#complete();
    }
    for (const viewer of this.#comers) this.check(viewer);
    if (item.kind === "batch") await this.#gather(item.batch.count, beganMs);
  }

  async #gather(lines: number, beganMs: number): Promise<void> {
    const msPerLine = (beganMs - this.#roundMs) / lines;
    const roundMs = performance.now() - beganMs;
    this.#roundMs = beganMs;
    const pauseMs = Math.min(roundMs, gatherMsMax, gatherLinesMax * msPerLine);
    if (pauseMs >= 1) await sleep(pauseMs);
  }

  /** Sends to those who are here now: a viewer that joins meanwhile knows what is sent. */
  async #sendAll(frame: Buffer | undefined): Promise<void> {
    if (frame === undefined || this.#viewers.size === 0) return;
    let sends = 0;
    for (const viewer of [...this.#viewers]) {
      if (this.#viewers.has(viewer)) this.#send(viewer, frame);
      if (++sends % turnSends === 0) await nextTurn();
    }
  }

  #send(viewer: LiveViewer, frame: Buffer): void {
    if (viewer.send(frame) !== undefined) viewer.fell(this.#place.nextSeq);
  }

  #complete(): void {
    for (const viewer of [...this.#viewers]) viewer.completed();
  }

  #dropAll(): void {
    for (const viewer of [...this.#viewers]) viewer.fell(this.#place.nextSeq);
  }
}

/** The live ends: one for each task that somebody looks at, for as long as somebody does. */
export class LiveEnds {
  readonly #stream: LogStreams;
  readonly #ends = new Map<string, LiveEnd>();

  constructor(stream: LogStreams) {
    this.#stream = stream;
  }

  /** Announces a viewer that comes with a cursor of its own; it says by `check` that it has moved on. */
  expect(viewer: LiveViewer): LiveEnd {
    const end = this.#ends.get(viewer.taskId) ?? this.#begin(viewer.taskId);
    end.expect(viewer);
    return end;
  }

  leave(end: LiveEnd, viewer: LiveViewer): void {
    end.forget(viewer);
    if (!end.isLeft) return;
    end.stop();
    this.#forget(end);
  }

  #begin(taskId: string): LiveEnd {
    const end = new LiveEnd(taskId);
    this.#ends.set(taskId, end);
    void end.run(this.#stream, () => this.#forget(end));
    return end;
  }

  #forget(end: LiveEnd): void {
    if (this.#ends.get(end.taskId) === end) this.#ends.delete(end.taskId);
  }
}
