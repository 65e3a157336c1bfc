// One log that somebody looks at: what is known of it, its store, its live socket, and the asking for ranges that are
// not here. Everything is keyed by epoch and seq; a new epoch empties the store. Draws nothing.

import { signal } from "@preact/signals";
import { sleep } from "../../../../core/base/wait.ts";
import type { LogStart, LogStatus } from "../../../../core/log/log-item.ts";
import type { Completion, TaskStatus } from "../model/api-types.ts";
import { noFilter } from "../model/api-types.ts";
import { fromApiLine, type Line } from "../model/line.ts";
import { ApiError, getLines, getLogInfo } from "../net/api.ts";
import { type GapRow, LineStore, pageLines } from "./line-store.ts";
import { LogSocket } from "./log-socket.ts";
import { Changes } from "./row-source.ts";

/** Lines asked for at once, and how many requests are under way at most. */
const requestLinesMax = 2048;
const requestsMax = 3;
const tailLines = 300;

export class TaskLog {
  readonly taskId: string;
  readonly store = new LineStore();
  readonly changes = new Changes();
  /** The end for the views; set at most once a frame. */
  readonly end = signal(1);
  readonly connected = signal<boolean | undefined>(undefined);
  readonly failure = signal("");
  readonly state = signal<LogStatus | undefined>(undefined);
  readonly completion = signal<Completion | undefined>(undefined);
  readonly status = signal<TaskStatus | undefined>(undefined);
  epoch = "";
  /** The seq that the next new line will get. */
  nextSeq = 1;
  started = false;
  partial: { text: string; stderr: boolean } | undefined;
  readonly #gone = new AbortController();
  readonly #asked = new Map<number, AbortController>();
  #socket: LogSocket;
  #frame = 0;

  constructor(taskId: string) {
    this.taskId = taskId;
    this.#socket = this.#connect();
  }

  close(): void {
    this.#gone.abort();
    this.#socket.close();
    cancelAnimationFrame(this.#frame);
  }

  /** The gap at its beginning, as far as it is known: older lines that were removed. */
  get removed(): GapRow | undefined {
    return this.store.gapAt(1);
  }

  /** A task that was taken for ended goes on: its live end is opened again. */
  reopen(): void {
    if (this.completion.peek() === undefined || this.#gone.signal.aborted) return;
    this.completion.value = undefined;
    this.#socket = this.#connect();
  }

  /** Gets the lines of a range that are not here, as far as not asked for already. Requests for other places end. */
  want(fromSeq: number, toSeq: number): void {
    const missing = this.store.missing(Math.max(1, fromSeq), Math.min(this.nextSeq - 1, toSeq));
    for (const [asked, request] of this.#asked) {
      const far = asked > toSeq || asked + requestLinesMax < fromSeq;
      if (far && this.#asked.size >= requestsMax) request.abort();
    }
    if (missing === undefined) return;
    const from = Math.max(1, Math.floor(missing.fromSeq / pageLines) * pageLines);
    for (let seq = from; seq <= missing.toSeq; seq += requestLinesMax) {
      if (this.#asked.size < requestsMax && !this.#asked.has(seq)) void this.#ask(seq);
    }
  }

  async #ask(from: number): Promise<void> {
    const request = new AbortController();
    this.#asked.set(from, request);
    const signal = AbortSignal.any([request.signal, this.#gone.signal]);
    const to = Math.min(this.nextSeq - 1, from + requestLinesMax - 1);
    let retry = false;
    try {
      const page = await getLines(this.taskId, { from, to, limit: requestLinesMax }, noFilter, signal);
      if (page.epoch === this.epoch || this.epoch === "") {
        this.store.add(page.lines.map(fromApiLine));
        for (const gap of page.gaps) this.store.addGap(gap);
      }
    } catch (thrown) {
      retry = !signal.aborted && thrown instanceof ApiError && thrown.code === "unavailable";
      if (!signal.aborted && !retry)
        this.failure.value = thrown instanceof Error ? thrown.message : String(thrown);
    }
    if (retry) await sleep(1000);
    this.#asked.delete(from);
    if (!this.#gone.signal.aborted) this.#tell();
  }

  #connect(): LogSocket {
    const from = () => (this.epoch === "" ? `tail=${tailLines}` : `after=${this.epoch}-${this.nextSeq - 1}`);
    return new LogSocket(this.taskId, from, {
      start: (frame) => this.#begin(frame),
      lines: (lines) => this.#take(lines),
      gap: (gap) => {
        this.store.addGap(gap);
        this.nextSeq = Math.max(this.nextSeq, gap.toSeq + 1);
        this.#tell();
      },
      status: (frame) => {
        this.state.value = frame;
        this.status.value = frame.status;
      },
      partial: (stderr, text) => {
        this.partial = text === "" ? undefined : { text, stderr };
        this.#tell();
      },
      complete: (completion) => {
        this.partial = undefined;
        this.completion.value = completion;
        this.status.value = completion.status;
        this.connected.value = true;
        this.#tell();
      },
      refused: (message) => {
        this.failure.value = message;
      },
      connected: (up) => {
        this.connected.value = up;
      },
    });
  }

  #begin({ epoch, nextSeq }: LogStart): void {
    if (this.epoch !== epoch) {
      if (this.epoch !== "") this.store.clear();
      this.nextSeq = 1;
      this.epoch = epoch;
      void this.#learnStart();
    }
    this.started = true;
    this.failure.value = "";
    this.nextSeq = Math.max(this.nextSeq, nextSeq);
    this.#tell();
  }

  /** Puts a gap in the place of what was removed from the beginning. */
  async #learnStart(): Promise<void> {
    const info = await getLogInfo(this.taskId, this.#gone.signal).catch(() => undefined);
    if (info === undefined || info.epoch !== this.epoch || info.firstSeq <= 1) return;
    this.store.addGap({ fromSeq: 1, toSeq: info.firstSeq - 1, reason: "removed by retention" });
    this.#tell();
  }

  #take(lines: Line[]): void {
    const last = lines.at(-1);
    if (last === undefined) return;
    this.store.add(lines);
    this.nextSeq = Math.max(this.nextSeq, last.seq + 1);
    this.partial = undefined;
    this.#tell();
  }

  #tell(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.end.value = this.nextSeq;
      this.changes.tell();
    });
  }
}
