// A reader of runs that keeps what it has read as a worker's log would, and can be put in its place again: the other
// half of a takeover, without a worker.

import { stampNow } from "../../../../src/core/base/clock.ts";
import type { Stamp } from "../../../../src/core/base/stamp.ts";
import type { Taken } from "../../../../src/core/engine/output.ts";
import type { LineBatch, StreamName } from "../../../../src/core/log/line-batch.ts";
import { LineSplitter } from "../../../../src/core/log/line-splitter.ts";
import type { Run } from "../../../../src/core/worker/runtimes/runtime.ts";

/** A line, one that may not be whole, or a gap. */
export type TakenLine = string | { cut: string } | { gap: string };

export class TakenLog {
  /** Lines and gaps in their order; a gap stands in both streams. */
  readonly lines: Record<StreamName, TakenLine[]> = { stdout: [], stderr: [] };
  readonly gaps: string[] = [];
  readonly #tty: boolean;
  #batches: LineBatch[] = [];
  #counts = { stdout: 0, stderr: 0 };
  #begun: LineSplitter | undefined;
  #lastStamp: Stamp | undefined;

  constructor(tty = false) {
    this.#tty = tty;
  }

  get taken(): Taken {
    const batches = [...this.#batches];
    return {
      ...this.#counts,
      lastStamp: this.#lastStamp,
      lastSeq: () => this.#counts.stdout + this.#counts.stderr + this.gaps.length,
      isExact: this.gaps.length === 0,
      unfinished: { stdout: this.#begun?.begun("stdout"), stderr: this.#begun?.begun("stderr") },
      lastLines: async (linesMax) => lastOf(batches, linesMax),
    };
  }

  /** Reads until the run ends, or `signal` detaches from it: then unfinished text is left, as a killed worker leaves it. */
  async read(run: Run, signal?: AbortSignal, onOutput = (): void => {}): Promise<void> {
    const splitter = new LineSplitter({ tty: this.#tty });
    signal?.addEventListener("abort", () => run.detach(), { once: true });
    for await (const item of run.output) {
      if (signal?.aborted) return;
      onOutput();
      this.#begun = splitter;
      if ("missing" in item) {
        splitter.end(stampNow());
        this.#add(splitter.take());
        this.gaps.push(item.missing.reason);
        for (const stream of Object.values(this.lines)) stream.push({ gap: item.missing.reason });
        this.#batches = [];
      } else {
        for (const { stream, bytes, stamp, isCut } of [item].flat())
          splitter.push(stream, bytes, stamp ?? stampNow(), isCut);
        this.#add(splitter.take());
      }
    }
    if (signal?.aborted) return;
    splitter.end(stampNow());
    this.#add(splitter.take());
  }

  #add(batch: LineBatch | undefined): void {
    if (batch === undefined) return;
    this.#batches.push(batch);
    for (const { stream, text, cut, seconds, nanos } of batch.lines()) {
      this.#lastStamp = { seconds, nanos };
      this.lines[stream].push(cut ? { cut: text } : text);
      this.#counts[stream]++;
    }
  }
}

function lastOf(batches: readonly LineBatch[], linesMax: number): LineBatch[] {
  const last: LineBatch[] = [];
  let count = 0;
  for (const batch of [...batches].reverse()) {
    if (count >= linesMax) break;
    last.unshift(batch);
    count += batch.count;
  }
  return last;
}

/**
 * Throws unless the lines between the gaps are runs of `expected`, in order, none twice; and all of it where there is
 * no gap. Returns how many lines are missing, all of them where gaps are.
 */
export function requireRuns(lines: readonly TakenLine[], expected: readonly string[]): number {
  let at = 0;
  let missing = 0;
  let mayLeap = false;
  let run: string[] = [];
  const place = (): void => {
    if (run.length === 0) return;
    let from = at;
    const limit = mayLeap ? expected.length - run.length : at;
    const isLike = (line: string, index: number): boolean => line === expected[from + index];
    while (from <= limit && !run.every(isLike)) from++;
    if (from > limit) {
      const wrong = run.findIndex((line, index) => line !== expected[at + index]);
      const got = shown(run.slice(Math.max(0, wrong - 3), wrong + 5));
      const wanted = shown(expected.slice(Math.max(0, at + wrong - 3), at + wrong + 5));
      throw new Error(`not the lines at ${at + wrong} of ${expected.length}: ${got} instead of ${wanted}`);
    }
    missing += from - at;
    at = from + run.length;
    run = [];
    mayLeap = false;
  };
  for (const line of lines) {
    if (typeof line === "string") run.push(line);
    else {
      // A line that is marked as cut stands beside a gap, as a piece of one that is missing there.
      place();
      mayLeap = true;
    }
  }
  place();
  if (at < expected.length && !mayLeap)
    throw new Error(`${expected.length - at} lines are missing at the end`);
  return missing + expected.length - at;
}

function shown(lines: readonly string[]): string {
  const short = (line: string): string =>
    line.length > 60 ? `${line.slice(0, 20)}…${line.slice(-20)} (${line.length})` : line;
  return JSON.stringify(lines.map(short));
}
