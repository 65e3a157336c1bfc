// Moments to the nanosecond. Two numbers and no BigInt, because every line has one. Whatever is done with stamps is done
// here, so that all of it rounds one way: down, as a clock that shows fewer digits does.
//
// Deliberately absent: stamps before 1970, and readers of bytes; a format that is read for each line reads its own digits
// (segments/cri-stamp.ts, engine/records).

/** A stamp: seconds and nanoseconds of the Unix epoch. */
export interface Stamp {
  readonly seconds: number;
  readonly nanos: number;
}

const nanosPerSecond = 1e9;
const nanosPerMs = 1e6;

/** Whole milliseconds of the Unix epoch, rounded down. Compare stamps, not these: a number of ms is no exact moment. */
export function toMs({ seconds, nanos }: Stamp): number {
  return seconds * 1000 + Math.floor(nanos / nanosPerMs);
}

/** The stamp of milliseconds of the Unix epoch. What they have behind the point is kept, to about a microsecond. */
export function fromMs(ms: number): Stamp {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.floor((ms - seconds * 1000) * nanosPerMs) };
}

/** Negative when `a` is earlier than `b`, 0 when they are the same, positive when it is later. */
export function compareStamps(a: Stamp, b: Stamp): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}

/** True if both are known and the same to the nanosecond. */
export function isSameStamp(a: Stamp | undefined, b: Stamp | undefined): boolean {
  return a !== undefined && b !== undefined && compareStamps(a, b) === 0;
}

/** True if `a` is later than `b`. */
export function isLater(a: Stamp, b: Stamp): boolean {
  return compareStamps(a, b) > 0;
}

/** The stamp `ms` after `stamp`, or before it for a negative number. */
export function addMs({ seconds, nanos }: Stamp, ms: number): Stamp {
  const sum = nanos + Math.floor(ms * nanosPerMs);
  const whole = Math.floor(sum / nanosPerSecond);
  return { seconds: seconds + whole, nanos: sum - whole * nanosPerSecond };
}

/** The stamp in the middle of two, in any order. */
export function middleOf(a: Stamp, b: Stamp): Stamp {
  const seconds = Math.floor((a.seconds + b.seconds) / 2);
  const isHalf = (a.seconds + b.seconds) % 2 !== 0;
  const nanos = Math.floor(((isHalf ? nanosPerSecond : 0) + a.nanos + b.nanos) / 2);
  const whole = Math.floor(nanos / nanosPerSecond);
  return { seconds: seconds + whole, nanos: nanos - whole * nanosPerSecond };
}

let cachedSecond = -1;
let cachedText = "";

/** `2026-11-23T07:51:53.`: a second of the Unix epoch as it begins a stamp in RFC 3339. Lines come in runs of the same one. */
export function formatSecond(seconds: number): string {
  if (seconds !== cachedSecond) {
    cachedText = new Date(seconds * 1000).toISOString().slice(0, 20);
    cachedSecond = seconds;
  }
  return cachedText;
}

/** `2026-11-23T07:51:53.417678314Z`: RFC 3339 with nanoseconds, in UTC. */
export function formatStamp(seconds: number, nanos: number): string {
  return `${formatSecond(seconds)}${nineDigits(nanos)}Z`;
}

/** `1795420313.417678314`: seconds of the Unix epoch, as the engine's API takes them. */
export function formatEpoch(seconds: number, nanos: number): string {
  return `${seconds}.${nineDigits(nanos)}`;
}

const rfc3339 =
  /^((\d{4})-(\d\d)-(\d\d))[T ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:(Z)|([+-](?:[01]\d|2[0-3]):[0-5]\d))$/i;

/**
 * Reads RFC 3339 with any number of decimals; what is beyond nanoseconds is cut. Undefined for anything else, for a day or an
 * hour that does not exist, for the time before 1970, and for the engine's "never" (year 1).
 */
export function parseStamp(text: string): Stamp | undefined {
  const found = rfc3339.exec(text);
  if (found === null) return undefined;
  const [, date = "", year, month, day, hour, minute, second, fraction = "", , zone = "Z"] = found;
  if (new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).toISOString().slice(0, 10) !== date)
    return undefined;
  const ms = Date.parse(`${date}T${hour}:${minute}:${second}${zone}`);
  return ms >= 0 ? { seconds: ms / 1000, nanos: Number(fraction.slice(0, 9).padEnd(9, "0")) } : undefined;
}

function nineDigits(nanos: number): string {
  return String(nanos).padStart(9, "0");
}
