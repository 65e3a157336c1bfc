// The clocks of this host, and what each is for:
// - The wall clock (`Date.now()`) gives moments: what is stored, shown, or compared with what another host says. Somebody may set
//   it at any time, so no duration is ever measured by it.
// - The monotonic clock (`performance.now()`) measures durations within this process; see base/wait.ts.
// - The host's own clock counts from its boot: it measures what goes on over a restart of this process.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Stamp } from "./stamp.ts";

/**
 * The largest drift between wall and monotonic clock, in ms, before they are tied together again: more than a slow
 * NTP correction.
 */
const driftMsMax = 20;
let originMs = performance.timeOrigin;

/**
 * The stamp of a line that carries none, in microseconds. The wall clock gives milliseconds, the monotonic one the digits
 * below. It runs backwards when somebody sets the wall clock.
 */
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

/** A moment by a clock that nobody sets. It can be kept in a file, and means nothing after the next boot. */
export interface HostMoment {
  /** Names what the clock counts from: a boot of the host, or a start of this process. */
  readonly boot: string;
  /** The time in ms. */
  readonly ms: number;
}

/** Stands for the boot where the system does not tell it: then the clock is the monotonic one of this process. */
const thisProcess = randomUUID();

/** The moment `inMs` from now. On Linux it is known to 10 ms, and goes on while the host is suspended. */
export function hostMoment(inMs = 0): HostMoment {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const ms = Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
    if (boot !== "" && !Number.isNaN(ms)) return { boot, ms: Math.round(ms + inMs) };
  } catch {
    // Not Linux, or no /proc.
  }
  return { boot: thisProcess, ms: Math.round(performance.now() + inMs) };
}

/**
 * The time until `moment`, in ms, whatever becomes of the wall clock; negative: it has passed. Of a moment before the last
 * boot, or of none, it is what the wall clock says of `wallMs`, the same moment in ms of the Unix epoch.
 */
export function msUntil(moment: HostMoment | undefined, wallMs: number, now = hostMoment()): number {
  return moment?.boot === now.boot ? moment.ms - now.ms : wallMs - Date.now();
}
