// How long whoever lost a connection waits before the next try.
import { reconnectMaxMs, reconnectMinMs } from "./limits.ts";

/** Doubles from reconnectMinMs to reconnectMaxMs; half of it by chance, so that peers do not come in step. */
export function backoffMs(failures: number): number {
  const full = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(failures, 10));
  return full / 2 + (Math.random() * full) / 2;
}

/** Resolves after `ms`, and at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}
