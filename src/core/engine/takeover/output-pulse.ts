// Decides if a container was printing when the engine broke off its output: when something came last, by a clock that
// knows of this process's own pauses.
import type { StreamName } from "../../log/line-batch.ts";
import type { AwakeClock } from "./awake-clock.ts";

export interface Breakage {
  /** Between the two it happened, ms of `performance.now()`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Its reader had waited for more for so long, in ms. */
  readonly silentMs: number;
  /** The streams that were in the middle of a line, where an attach was read. */
  begun?: readonly StreamName[];
}

export class OutputPulse {
  readonly #clock: AwakeClock;
  #beatMs: number;
  #isDealtWith = true;

  constructor(clock: AwakeClock) {
    this.#clock = clock;
    this.#beatMs = clock.ms;
  }

  /** Something came. */
  came(): void {
    this.#isDealtWith = false;
  }

  /** It was dealt with, and more is waited for. */
  waits(): void {
    this.#isDealtWith = true;
    this.#beatMs = this.#clock.ms;
  }

  /** Returns where the output was broken off; ask as soon as the break is noticed. */
  broken(): Breakage {
    const silentMs = this.#isDealtWith ? this.#clock.ms - this.#beatMs : 0;
    return { ...this.#clock.noticed(), silentMs };
  }
}
