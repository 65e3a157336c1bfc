// Something that others wait for. Whoever waits looks at the state first and calls `nextChange` in the same turn;
// then no change can come in between. Nothing is left behind by a wait that is over.
import { startTimer, type Timer } from "./wait.ts";

export class Change {
  readonly #waiters = new Set<() => void>();

  notify(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** Returns how to stop. */
  listen(waiter: () => void): () => void {
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }
}

/** Resolves at the next change of any of them, at abort, or after `timeoutMs`. */
export function nextChange(
  changes: readonly Change[],
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<void> {
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const end = (): void => {
      for (const stop of stops) stop();
      signal.removeEventListener("abort", end);
      timer?.stop();
      resolve();
    };
    const stops = changes.map((change) => change.listen(end));
    if (timeoutMs !== undefined) timer = startTimer(end, timeoutMs);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
