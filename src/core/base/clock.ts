// Stamps for lines that carry none. The wall clock gives milliseconds, the monotonic one the digits below; they
// are tied together again whenever they differ by more than `driftMsMax`, so a clock that is set shows at once.
import type { Stamp } from "./stamp.ts";

const driftMsMax = 20;
let originMs = performance.timeOrigin;

/** Now, in microsecond resolution. May run backwards when somebody sets the clock. */
export function stampNow(): Stamp {
  const wallMs = Date.now();
  const monotonicMs = performance.now();
  let nowMs = originMs + monotonicMs;
  if (Math.abs(nowMs - wallMs) > driftMsMax) {
    originMs = wallMs - monotonicMs;
    nowMs = wallMs;
  }
  const seconds = Math.floor(nowMs / 1000);
  return { seconds, nanos: Math.floor((nowMs - seconds * 1000) * 1000) * 1000 };
}
