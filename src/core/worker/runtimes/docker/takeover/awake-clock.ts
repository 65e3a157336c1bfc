// Time in which this process ran. A process that was stopped (SIGSTOP, a machine that slept) has not looked meanwhile:
// by the usual clock, what it reads first afterwards would count as long overdue, and an end that it has not seen as quiet.

/** Of a longer time without a look nobody knows whether the process ran, in ms. */
const stepMsMax = 100;

export class AwakeClock {
  #lookedMs = performance.now();
  #ms = 0;

  /** Milliseconds since it began; each look counts at most `stepMsMax` more. */
  get ms(): number {
    const nowMs = performance.now();
    this.#ms += Math.min(nowMs - this.#lookedMs, stepMsMax);
    this.#lookedMs = nowMs;
    return this.#ms;
  }
}
