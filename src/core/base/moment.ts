// Moments as people write them: the one parser of the command line and of the HTTP API.
import { parseDuration } from "./duration.ts";
import type { Stamp } from "./stamp.ts";

/** The forms below as a message shows them. */
export const momentExamples = "10m (ago), 2026-01-31T08:00:00Z, 2026-01-31 or 1700000000 (Unix seconds)";
/** The first and the last second that RFC 3339 can write: the years 0 to 9999. */
const secondsMin = -62_167_219_200;
const secondsMax = 253_402_300_799;
const form =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d))?(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads a duration (so long before `nowMs`), seconds of the Unix epoch as docker takes them, and RFC 3339, where a time
 * without a zone is local and a date is its midnight. undefined for what is none of these, and for a day or an hour that does
 * not exist.
 */
export function parseMoment(text: string, nowMs = Date.now()): Stamp | undefined {
  const unix = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text);
  if (unix !== null) return stamp(Number(unix[1]), unix[2]);
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) {
    const ms = Math.max(0, nowMs - agoMs);
    return stamp(Math.floor(ms / 1000), (ms % 1000).toFixed(0).padStart(3, "0"));
  }
  const [
    whole,
    year = "",
    month = "",
    day = "",
    hour = "00",
    minute = "00",
    second = "00",
    fraction,
    zone = "",
  ] = form.exec(text) ?? [];
  if (whole === undefined || !isDay(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || !isZone(zone)) return undefined;
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : stamp(ms / 1000, fraction);
}

function stamp(seconds: number, fraction = ""): Stamp | undefined {
  if (!(seconds >= secondsMin && seconds <= secondsMax)) return undefined;
  return { seconds, nanos: Number(fraction.padEnd(9, "0")) };
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  // The day before the first of the next month.
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function isZone(zone: string): boolean {
  const [, hours = "00", minutes = "00"] = /^[+-](\d\d):(\d\d)$/.exec(zone) ?? [];
  return Number(hours) <= 23 && Number(minutes) <= 59;
}
