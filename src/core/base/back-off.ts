// The delay before the next try of something that has failed: longer after each failure, up to a bound.
import { reconnectMaxMs, reconnectMinMs } from "./limits.ts";

/** The delay after so many failures before the last one, in ms: it doubles from `minMs` to `maxMs`. */
export function doubledMs(failures: number, minMs: number, maxMs: number): number {
  // 2 ** 30 times any delay is more than any bound; without this bound it would become infinite.
  return Math.min(maxMs, minMs * 2 ** Math.min(failures, 30));
}

/** The delay before a lost connection is tried again, in ms. Half of it is chance, so that peers do not come in step. */
export function backoffMs(failures: number): number {
  const full = doubledMs(failures, reconnectMinMs, reconnectMaxMs);
  return full / 2 + (Math.random() * full) / 2;
}
