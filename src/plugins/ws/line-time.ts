// Stamps as RFC 3339 text with nanoseconds, and read from it. Lines come in runs of the same second, so its text is made
// once.
import type { Stamp } from "../../core/base/stamp.ts";

let cachedSecond = -1;
let cachedText = "";

/** `2026-11-23T07:51:53.417678314Z` */
export function toTime(seconds: number, nanos: number): string {
  if (seconds !== cachedSecond) {
    cachedText = new Date(seconds * 1000).toISOString().slice(0, 20);
    cachedSecond = seconds;
  }
  return `${cachedText}${String(nanos).padStart(9, "0")}Z`;
}

/** Undefined: it is no time with a zone, `2026-11-23T07:51:53.417678314Z`, from 1970 on. */
export function fromTime(text: string): Stamp | undefined {
  const [, second, fraction = "", zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const ms = Date.parse(`${second}${zone}`);
  return ms >= 0 ? { seconds: ms / 1000, nanos: Number(fraction.padEnd(9, "0")) } : undefined;
}
