// Where an engine ended in the middle of a container's output. What it had read by then and neither logged nor delivered
// is gone (seen with 20.10: 150 000 lines, 1 MB), and the log goes on as if nothing were missing, often in the middle of
// a line. Nothing proves a loss; a task that printed much just before may have suffered one.
import type { Taken } from "../../runtime.ts";
import type { LogRecord } from "../container-logs.ts";

/** So many lines within this time before the end, in ms, and more may have been on their way. */
const busyLines = 64;
const busyMs = 2000;

export class EngineCut {
  readonly #ms: number;
  /** Of the newest lines before the cut, ms of the Unix epoch. */
  #times: number[] = [];

  private constructor(ms: number) {
    this.#ms = ms;
  }

  /** `ms`: when the reader noticed, of the Unix epoch. */
  static async behind(taken: Taken, ms: number): Promise<EngineCut> {
    const cut = new EngineCut(ms);
    for (const { seconds, nanos, count } of await taken.lastLines(busyLines)) {
      for (let at = 0; at < count; at++) {
        cut.#add((seconds[at] as number) * 1000 + (nanos[at] as number) / 1e6);
      }
    }
    return cut;
  }

  /** Whether the record is the first one that came after it; to be asked for each record in order. */
  isBefore({ seconds = 0, nanos = 0 }: LogRecord): boolean {
    const timeMs = seconds * 1000 + nanos / 1e6;
    if (timeMs > this.#ms) return true;
    this.#add(timeMs);
    return false;
  }

  get wasBusy(): boolean {
    return this.#times.length === busyLines && (this.#times[0] as number) > this.#ms - busyMs;
  }

  #add(timeMs: number): void {
    this.#times.push(timeMs);
    if (this.#times.length > busyLines) this.#times.shift();
  }
}
