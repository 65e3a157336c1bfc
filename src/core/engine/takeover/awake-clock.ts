// Time in which this process ran. A process that was stopped (SIGSTOP, a machine that slept, or is too busy) has not looked
// meanwhile: by the usual clock, what it reads first afterwards would count as long overdue, an end that it has not seen
// as quiet, and what happened during the pause as later than it was.
import { startInterval } from "../../base/wait.ts";

/**
 * The longest step between two looks that counts as awake, in ms: of a longer one nobody knows whether the process
 * ran.
 */
const stepMsMax = 100;
/** The time after a pause, in ms, in which an event may have happened during the pause. */
const pauseEchoMs = 2 * stepMsMax;

export class AwakeClock {
  readonly #now: () => number;
  #lookedMs: number;
  #ms = 0;
  #pause = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };

  /** `now` is the clock that goes on while the process is stopped, in ms: `performance.now()`, except in tests. */
  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#lookedMs = now();
  }

  /** Returns a clock that looks by itself, for as long as the process runs. */
  static ticking(now?: () => number): AwakeClock {
    const clock = new AwakeClock(now);
    startInterval(() => clock.ms, stepMsMax).unref();
    return clock;
  }

  /** Milliseconds since it began; each look counts at most `stepMsMax` more. */
  get ms(): number {
    const nowMs = this.#now();
    const stepMs = nowMs - this.#lookedMs;
    if (stepMs > pauseEchoMs) this.#pause = { fromMs: this.#lookedMs, toMs: nowMs };
    this.#ms += Math.min(stepMs, stepMsMax);
    this.#lookedMs = nowMs;
    return this.#ms;
  }

  /** Returns the time in which an event may have happened that is noticed now, in ms of `performance.now()`. */
  noticed(): { fromMs: number; toMs: number } {
    void this.ms;
    const { fromMs, toMs } = this.#pause;
    return { fromMs: this.#lookedMs - toMs < pauseEchoMs ? fromMs : this.#lookedMs, toMs: this.#lookedMs };
  }
}
