// The first forty bytes of a line on disk: `2026-11-23T07:51:53.417678314Z stdout F `. All fields have a fixed width, so
// lines that were stamped together are compared as bytes and the stamp is worked out once for all of them.

import { formatSecond, type Stamp } from "../../base/stamp.ts";
import { stderrFlag } from "../line-batch.ts";

/** Bytes before the text of a line with the tag `F`. */
export const prefixBytes = 40;
/** Bytes that the tag `F:cut` takes more. */
export const cutBytes = 4;

const daySeconds = 86_400;
const encoder = new TextEncoder();
const streamTags = [encoder.encode(" stdout F "), encoder.encode(" stderr F ")] as const;

let cachedSecond = -1;
let cachedDate = new Uint8Array(0);

/** Writes the forty bytes of a line with the tag `F` to `target` at `at`. */
export function writePrefix(
  target: Uint8Array,
  at: number,
  seconds: number,
  nanos: number,
  flags: number,
): void {
  if (seconds !== cachedSecond) {
    cachedDate = encoder.encode(formatSecond(seconds));
    cachedSecond = seconds;
  }
  target.set(cachedDate, at);
  let rest = nanos;
  for (let place = at + 28; place >= at + 20; place--) {
    const next = Math.trunc(rest / 10);
    target[place] = 48 + rest - next * 10;
    rest = next;
  }
  target[at + 29] = 0x5a;
  target.set(streamTags[flags & stderrFlag] as Uint8Array, at + 30);
}

/** The stamp and stream of the prefix at `at`, or undefined where there is none. Needs forty bytes behind `at`. */
export function parsePrefix(
  source: Uint8Array,
  at: number,
): (Stamp & { readonly flags: number }) | undefined {
  const seconds = parseSeconds(source, at);
  const nanos = number(source, at + 20, 9);
  if (seconds < 0 || nanos < 0 || source[at + 29] !== 0x5a) return undefined;
  const flags = source[at + 34] === 0x6f ? 0 : stderrFlag; // the o of stdout
  const stream = streamTags[flags] as Uint8Array;
  // The last byte is a space with the tag F and a colon with F:cut.
  for (let place = 0; place < 9; place++) if (source[at + 30 + place] !== stream[place]) return undefined;
  return { seconds, nanos, flags };
}

function parseSeconds(source: Uint8Array, at: number): number {
  if (cachedSecond >= 0 && isCachedDate(source, at)) return cachedSecond;
  const year = number(source, at, 4);
  const month = number(source, at + 5, 2);
  const day = number(source, at + 8, 2);
  const hour = number(source, at + 11, 2);
  const minute = number(source, at + 14, 2);
  const second = number(source, at + 17, 2);
  if (Math.min(year, month, day, hour, minute, second) < 0) return -1;
  const midnight = Date.UTC(year, month - 1, day) / 1000;
  const seconds = midnight + hour * 3600 + minute * 60 + second;
  if (!(seconds >= 0 && seconds < 2 ** 32 && seconds - midnight < daySeconds)) return -1;
  // Only what would be written the same is a stamp of ours: this checks the separators and the ranges at once.
  const date = encoder.encode(formatSecond(seconds));
  for (let place = 0; place < 20; place++) if (source[at + place] !== date[place]) return -1;
  cachedDate = date;
  cachedSecond = seconds;
  return seconds;
}

function isCachedDate(source: Uint8Array, at: number): boolean {
  for (let place = 19; place >= 0; place--) if (source[at + place] !== cachedDate[place]) return false;
  return true;
}

/** Decimal digits as a number; -1 where one is none. */
function number(source: Uint8Array, at: number, digits: number): number {
  let value = 0;
  for (let place = at; place < at + digits; place++) {
    const digit = (source[place] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}
