// The delay before the next try after a lost connection.
import { reconnectMaxMs, reconnectMinMs } from "./limits.ts";

/** Doubles from reconnectMinMs to reconnectMaxMs; half of it by chance, so that peers do not come in step. */
export function backoffMs(failures: number): number {
  const full = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(failures, 10));
  return full / 2 + (Math.random() * full) / 2;
}
