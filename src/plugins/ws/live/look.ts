// One viewer's way through one task's log: with a cursor of its own while it reads the past, or is slow, or looks through
// a filter; with all others where the log grows. It changes between the two at a seq, so nothing comes twice or is left out.
import type { TasklogError } from "../../../core/base/errors.ts";
import type { LineBatch } from "../../../core/log/line-batch.ts";
import type { LogItem } from "../../../core/log/log-item.ts";
import { SeqCursor } from "../../../core/log/seq-cursor.ts";
import type { StreamTaskLogsOptions } from "../../../core/plugin-api.ts";
import type { LineFilter } from "../../../core/search/line-filter.ts";
import { filteredFrame, itemFrame, linesFrame } from "./frames.ts";
import type { LiveEnd, LiveEnds, LiveViewer } from "./live-end.ts";
import type { LogRequest } from "./log-request.ts";
import type { LogStreams } from "./log-streams.ts";
import type { ViewerSocket } from "./viewer-socket.ts";

/** The owner of a look, and what it needs. */
export interface LookOwner {
  readonly stream: LogStreams;
  readonly ends: LiveEnds;
  readonly socket: ViewerSocket;
  /** It is at its end: all was sent, or this went wrong. Not called when it was stopped. */
  lookEnded(look: Look, failure: TasklogError | undefined): void;
}

export class Look implements LiveViewer {
  readonly taskId: string;
  readonly #place = new SeqCursor();
  readonly #owner: LookOwner;
  readonly #filter: LineFilter | undefined;
  /** The abort of its own cursor, while it has one. */
  #cursor: AbortController | undefined;
  #reading: Promise<void>;
  /** The live end that it joins, or has joined. */
  #end: LiveEnd | undefined;
  #isLive = false;
  #isStopped = false;

  /** With `isFinished` the log does not grow any more. */
  constructor(owner: LookOwner, taskId: string, { options, filter }: LogRequest, isFinished: boolean) {
    this.#owner = owner;
    this.taskId = taskId;
    this.#filter = filter;
    this.#reading = this.#read(options, isFinished, false);
  }

  get epoch(): string {
    return this.#place.epoch;
  }

  get nextSeq(): number {
    return this.#place.nextSeq;
  }

  /** Ends quietly. Resolves when nothing more will be sent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cursor?.abort();
    this.#leave();
    await this.#reading;
  }

  /** Reads with a cursor of its own until it has joined the others or has come to the end. Never rejects. */
  async #read(options: StreamTaskLogsOptions, isFinished: boolean, isAgain: boolean): Promise<void> {
    const { stream, ends, socket } = this.#owner;
    await socket.room;
    if (this.#isStopped) return;
    const cursor = new AbortController();
    this.#cursor = cursor;
    if (this.#filter === undefined && !isFinished) this.#end = ends.expect(this);
    let isComplete = false;
    const failure = await stream(
      cursor.signal,
      this.taskId,
      ({ item }) => {
        if (cursor.signal.aborted) return undefined;
        isComplete = item.kind === "complete";
        const full = this.#pass(item, isAgain, cursor.signal);
        if (full === undefined) this.#end?.check(this);
        return full;
      },
      options,
    );
    this.#cursor = undefined;
    if (this.#isLive) return;
    this.#leave();
    if (isComplete || failure !== undefined) this.#finish(failure);
  }

  #pass(item: LogItem, isAgain: boolean, signal: AbortSignal): Promise<void> | undefined {
    if (item.kind === "partial" && this.#filter?.takesStream(item.stream) === false) return undefined;
    this.#place.note(item);
    if (item.kind === "start" && isAgain && item.recovered) return undefined;
    const { taskId } = this;
    if (item.kind !== "batch") return this.send(itemFrame(taskId, item));
    if (this.#filter === undefined) return this.send(linesFrame(taskId, item.batch));
    return this.#passFiltered(item.batch, this.#filter, signal);
  }

  async #passFiltered(batch: LineBatch, filter: LineFilter, signal: AbortSignal): Promise<void> {
    const frame = await filteredFrame(this.taskId, batch, filter, signal);
    if (frame !== undefined && !signal.aborted) await this.send(frame);
  }

  send(frame: Buffer): Promise<void> | undefined {
    return this.#owner.socket.send(frame);
  }

  joined(): void {
    this.#isLive = true;
    this.#cursor?.abort();
  }

  fell(nextSeq: number): void {
    this.#place.nextSeq = nextSeq;
    this.#leave();
    const before = this.#reading;
    this.#reading = (async () => {
      await before;
      await this.#read({ from: { fromSeq: nextSeq }, epoch: this.epoch }, false, true);
    })();
  }

  completed(): void {
    this.#leave();
    this.#finish(undefined);
  }

  #leave(): void {
    this.#isLive = false;
    const end = this.#end;
    this.#end = undefined;
    if (end !== undefined) this.#owner.ends.leave(end, this);
  }

  #finish(failure: TasklogError | undefined): void {
    if (!this.#isStopped) this.#owner.lookEnded(this, failure);
  }
}
