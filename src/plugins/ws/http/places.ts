// A bound on answers that are costly while they are under way: so many at once, the next ones wait a while for a place, in
// their order, and are told to come again when none becomes free.
import { TasklogError } from "../../../core/base/errors.ts";
import { startTimer } from "../../../core/base/wait.ts";

export class Places {
  readonly #max: number;
  readonly #waitMs: number;
  readonly #what: string;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  /** `what` they are for, as messages name them: "downloads". */
  constructor(max: number, waitMs: number, what: string) {
    this.#max = max;
    this.#waitMs = waitMs;
    this.#what = what;
  }

  /** Dispose the place when the answer has ended. @throws TasklogError "exhausted" after the wait, "aborted" */
  async enter(signal: AbortSignal): Promise<Disposable> {
    if (signal.aborted) throw new TasklogError("aborted", "the client has gone");
    if (this.#taken < this.#max) this.#taken++;
    else await this.#wait(signal);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#leave();
        isHeld = false;
      },
    };
  }

  /** Resolves when somebody has handed on a place. */
  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const message = `${this.#max} ${this.#what} are under way already; come again when one of them has ended`;
    const timer = startTimer(() => reject(new TasklogError("exhausted", message)), this.#waitMs);
    const abort = () => reject(new TasklogError("aborted", "the client has gone"));
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting.add(resolve);
    try {
      await promise;
    } finally {
      timer.stop();
      signal.removeEventListener("abort", abort);
      this.#waiting.delete(resolve);
    }
  }

  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#taken--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
