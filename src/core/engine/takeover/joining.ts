// One stream between the engine's log and an attach, from the moment of the attach on. It is open first: the log gives
// its lines, and those of the attach are held. It is handed over to the attach at the place where the two are found to
// overlap, or, where neither gave anything for a while, as it is: then its next line may lack its beginning.
import { lineBytesMax } from "../../base/limits.ts";
import { logPartBytes } from "../records/log-record.ts";
import type { AwakeClock } from "./awake-clock.ts";
import { findJoin } from "./find-join.ts";
import { keyOf } from "./line-key.ts";

const newlineByte = 10;
const nothing = new Uint8Array(0);

/** The engine logs a line at most this long after it has read it, in ms; longer only where its disk hangs. */
export const logDelayMs = 200;

export interface HandOverState {
  /** Until then the log has been read to its end, by the clock of the streams. */
  askedMs: number;
  /** The attach has more than was taken of it. */
  isBraked: boolean;
  /** It must be decided now. */
  must: boolean;
}

export interface HandOver {
  /** What only the attach has. */
  rest: Uint8Array;
  isCertain: boolean;
}

export class Joining {
  readonly #clock: AwakeClock;
  readonly #attachedMs: number;
  #isOpen = true;
  /** The log rotated before it could be read on. */
  #isClosed = false;
  /** The log was read on so long after the attach that it has every line before it. */
  #isLogSettled = false;
  /** When log or attach gave something last. */
  #changedMs: number;
  readonly #logged: number[] = [];
  readonly #liveKeys: number[] = [];
  /** When each of them came. */
  readonly #liveMs: number[] = [];
  /** Whole lines, of the first of which the attach may have only the end; and what has no newline yet. */
  #live: Uint8Array[] = [];
  #unfinished: Uint8Array[] = [];
  #unfinishedBytes = 0;
  #liveBytes = 0;
  /** Lines that are still to come from the attach and were taken from the log. */
  #skip = 0;
  /** The next line of the attach may lack its beginning. */
  #isFirstTorn = false;

  constructor(clock: AwakeClock) {
    this.#clock = clock;
    this.#attachedMs = clock.ms;
    this.#changedMs = this.#attachedMs;
  }

  /** Bytes of whole lines that are held. */
  get bytes(): number {
    return this.#liveBytes;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether lines of the log are wanted. */
  get takesLog(): boolean {
    return this.#isOpen && !this.#isClosed;
  }

  /** Whether what has no newline may lack its beginning, too. */
  get isFirstTorn(): boolean {
    return this.#isFirstTorn;
  }

  /** What has come without a newline. */
  get unfinished(): Uint8Array {
    return Buffer.concat(this.#unfinished);
  }

  addLogged(line: Uint8Array): void {
    this.#logged.push(keyOf(line));
    this.#changedMs = this.#clock.ms;
  }

  /** The log has been read to the end that it had at `askedMs`, without a leap. */
  logWasRead(askedMs: number): void {
    if (!this.#isClosed && askedMs - this.#attachedMs >= logDelayMs) this.#isLogSettled = true;
  }

  /** The log goes on behind lines that nobody has read, or not at all. */
  close(): void {
    if (this.#isOpen) this.#isClosed = true;
  }

  /** Takes what came from the attach; returns what of it is to be passed on, and a first line that may lack its beginning. */
  push(bytes: Uint8Array): { first?: Uint8Array; rest: Uint8Array } {
    if (!this.#isOpen && !this.#isFirstTorn) return { rest: this.#pass(bytes) };
    this.#hold(bytes);
    if (this.#isOpen) return { rest: nothing };
    if (this.#live.length === 0 && this.#unfinishedBytes <= lineBytesMax) return { rest: nothing };
    const [first = this.unfinished, ...others] = this.#live;
    const rest = Buffer.concat(this.#live.length === 0 ? [] : [...others, this.unfinished]);
    this.#isFirstTorn = false;
    this.#release();
    return { first, rest };
  }

  /** Hands over if the place can be told, or if it must. */
  handOver({ askedMs, isBraked, must }: HandOverState): HandOver | undefined {
    if (!this.#isOpen) return undefined;
    const quiet = !isBraked && askedMs - this.#changedMs >= logDelayMs;
    if (this.#live.length === 0) return this.#handOverNothing(quiet, must);
    const unsettled = this.#liveMs.findIndex((ms) => ms > askedMs - logDelayMs);
    const settled = unsettled === -1 ? this.#liveMs.length : unsettled;
    const found = findJoin(this.#logged, this.#liveKeys, { settled, quiet, closed: this.#isClosed, must });
    if (found === undefined) return undefined;
    this.#isOpen = false;
    this.#skip = Math.max(0, found.skip - this.#live.length);
    const unfinished = this.#pass(this.unfinished);
    const rest = Buffer.concat([...this.#live.slice(found.skip), unfinished]);
    this.#release();
    return { rest, isCertain: found.isCertain };
  }

  /** The attach has no whole line yet: that is certain where no line of the log may still come from there, too. */
  #handOverNothing(quiet: boolean, must: boolean): HandOver | undefined {
    const isNone = this.#logged.length === 0 && this.#isLogSettled;
    if (!isNone && !quiet && !(must && this.#unfinishedBytes > 0)) return undefined;
    this.#isOpen = false;
    this.#isFirstTorn = true;
    return { rest: nothing, isCertain: isNone || (quiet && (!this.#isClosed || this.#isLogSettled)) };
  }

  #hold(bytes: Uint8Array): void {
    const nowMs = this.#clock.ms;
    let from = 0;
    for (let end = bytes.indexOf(newlineByte); end !== -1; end = bytes.indexOf(newlineByte, from)) {
      this.#extend(bytes.subarray(from, end + 1));
      from = end + 1;
      const line = this.#unfinished.length === 1 ? (this.#unfinished[0] as Uint8Array) : this.unfinished;
      this.#unfinished = [];
      this.#unfinishedBytes = 0;
      this.#liveKeys.push(this.#live.length === 0 ? 0 : keyOf(line));
      this.#live.push(line);
      this.#liveMs.push(nowMs);
      this.#liveBytes += line.length;
    }
    if (from < bytes.length) this.#extend(bytes.subarray(from));
    // What draws on one line for long, such as a progress bar, is no line that may have come from the log.
    if (from > 0 || this.#unfinishedBytes > logPartBytes) this.#changedMs = nowMs;
  }

  /** Whoever reads lines cuts them: what is beyond is not held, but for the newline. */
  #extend(bytes: Uint8Array): void {
    const isBeyond = this.#unfinishedBytes > lineBytesMax;
    const kept = !isBeyond ? bytes : bytes.subarray(bytes.at(-1) === newlineByte ? -1 : bytes.length);
    if (kept.length === 0) return;
    this.#unfinished.push(kept);
    this.#unfinishedBytes += kept.length;
  }

  /** What of the bytes of an attach that is joined the log has not given. */
  #pass(bytes: Uint8Array): Uint8Array {
    let from = 0;
    while (this.#skip > 0) {
      const end = bytes.indexOf(newlineByte, from);
      if (end === -1) return nothing;
      this.#skip--;
      from = end + 1;
    }
    return bytes.subarray(from);
  }

  #release(): void {
    this.#live = [];
    this.#unfinished = [];
    this.#unfinishedBytes = 0;
    this.#logged.length = 0;
    this.#liveKeys.length = 0;
    this.#liveMs.length = 0;
    this.#liveBytes = 0;
  }
}
