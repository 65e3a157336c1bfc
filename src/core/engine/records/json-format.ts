// The driver json-file: one object a line, `{"log":"text\n","stream":"stdout","time":"2026-11-23T07:51:53.417678314Z"}`,
// keys in this order always, attributes (`--log-opt labels=…`) between the last two. A record is read by position, and
// its text is unescaped where it stands, which is shorter always: that is several times as fast as JSON.parse and a
// string that becomes bytes again. What looks otherwise goes through JSON.parse.
import type { StreamName } from "../../log/line-batch.ts";
import type { LogRecord } from "../sources/container-logs.ts";
import type { RecordFormat } from "./record-format.ts";
import { unescapeJson } from "./unescape-json.ts";

const NEWLINE = 10;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const BRACE_CLOSE = 125;
const LETTER_N = 110;
const LETTER_R = 114;
const LETTER_S = 115;
const LETTER_T = 116;
const LETTER_Z = 90;

const BEGINNING = Buffer.from('{"log":"');
/** From the quote behind the text to the first digit of the time. */
const BEHIND_TEXT = '","stream":"stdout","time":"'.length;
/** A stamp is from "2026-11-23T07:51:53Z" to nine decimals: zeros at its end are left out. */
const STAMP_BYTES_MIN = 20;
const STAMP_BYTES_MAX = 30;

class JsonFormat implements RecordFormat {
  #date = -1;
  #dateSeconds = 0;

  decode(bytes: Buffer, at: number, end: number, out: LogRecord[]): number {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline === -1 || newline >= end) return 0;
    const record = this.#fast(bytes, at, newline) ?? slow(bytes.subarray(at, newline));
    if (record === undefined) return -1;
    out.push(record);
    return newline + 1;
  }

  /** A line that was broken off and written on (the engine was killed) has a whole record at its end. */
  resync(bytes: Buffer, at: number, end: number): number {
    const newline = bytes.indexOf(NEWLINE, at);
    const again = bytes.indexOf(BEGINNING, at + 1);
    if (again !== -1 && again < end && (newline === -1 || again < newline)) return again;
    return newline === -1 || newline >= end ? end : newline + 1;
  }

  startOf(bytes: Buffer, end: number): number {
    if (end < 2) return -1;
    const newline = bytes.lastIndexOf(NEWLINE, end - 2);
    return newline === -1 ? -1 : newline + 1;
  }

  #fast(bytes: Buffer, at: number, newline: number): LogRecord | undefined {
    if (bytes[newline - 1] !== BRACE_CLOSE || bytes[newline - 3] !== LETTER_Z) return undefined;
    let time = newline - 2 - STAMP_BYTES_MIN;
    while (bytes[time - 1] !== QUOTE) if (--time < newline - 2 - STAMP_BYTES_MAX) return undefined;
    const quote = time - BEHIND_TEXT;
    const text = at + BEGINNING.length;
    if (quote < text || !isBeginning(bytes, at) || !isBehindText(bytes, quote)) return undefined;
    const stream: StreamName = bytes[quote + 17] === LETTER_T ? "stdout" : "stderr";
    const seconds = this.#seconds(bytes, time);
    if (Number.isNaN(seconds)) return undefined;
    const nanos = nanosOf(bytes, time + 20, newline - 3);
    const textEnd = unescapeText(bytes, text, quote);
    return { stream, bytes: bytes.subarray(text, textEnd), seconds, nanos };
  }

  #seconds(bytes: Buffer, at: number): number {
    const two = (from: number): number => (bytes[from] as number) * 10 + (bytes[from + 1] as number) - 528;
    const date = ((two(at) * 100 + two(at + 2)) * 100 + two(at + 5)) * 100 + two(at + 8);
    if (date !== this.#date) {
      this.#dateSeconds = Date.parse(`${bytes.toString("latin1", at, at + 10)}T00:00:00Z`) / 1000;
      this.#date = date;
    }
    return this.#dateSeconds + two(at + 11) * 3600 + two(at + 14) * 60 + two(at + 17);
  }
}

/** A format keeps what it saw last, to be fast: one for each reader. */
export const createJsonFormat = (): RecordFormat => new JsonFormat();

function isBeginning(bytes: Buffer, at: number): boolean {
  for (let index = 0; index < BEGINNING.length; index++) {
    if (bytes[at + index] !== BEGINNING[index]) return false;
  }
  return true;
}

/** Quotes in the text are escaped: where these stand, the text has ended. */
function isBehindText(bytes: Buffer, quote: number): boolean {
  return (
    bytes[quote] === QUOTE &&
    bytes[quote + 1] === COMMA &&
    bytes[quote + 2] === QUOTE &&
    bytes[quote + 3] === LETTER_S &&
    bytes[quote + 9] === QUOTE &&
    bytes[quote + 10] === COLON &&
    bytes[quote + 11] === QUOTE &&
    bytes[quote + 12] === LETTER_S &&
    (bytes[quote + 17] === LETTER_T || bytes[quote + 17] === LETTER_R) &&
    bytes[quote + 18] === QUOTE &&
    bytes[quote + 19] === COMMA &&
    bytes[quote + 20] === QUOTE &&
    bytes[quote + 21] === LETTER_T
  );
}

/** From `at` (behind the point) to `end`; the digits that are left out are zeros. */
function nanosOf(bytes: Buffer, at: number, end: number): number {
  let nanos = 0;
  for (let index = 0; index < 9; index++) {
    nanos = nanos * 10 + (at + index < end ? (bytes[at + index] as number) - 48 : 0);
  }
  return nanos;
}

/** Nearly every line has one escape: the newline at its end. Gives where the text ends. */
function unescapeText(bytes: Buffer, from: number, quote: number): number {
  const backslash = bytes.indexOf(BACKSLASH, from);
  if (backslash === -1 || backslash >= quote) return quote;
  if (backslash !== quote - 2 || bytes[quote - 1] !== LETTER_N) return unescapeJson(bytes, backslash, quote);
  bytes[backslash] = NEWLINE;
  return quote - 1;
}

function slow(line: Buffer): LogRecord | undefined {
  try {
    const { log, stream, time } = JSON.parse(line.toString()) as Record<string, string>;
    if (log === undefined || time === undefined || (stream !== "stdout" && stream !== "stderr"))
      return undefined;
    const seconds = Math.floor(Date.parse(time) / 1000);
    const decimals = /\.(\d{1,9})/.exec(time)?.[1] ?? "";
    if (Number.isNaN(seconds)) return undefined;
    return { stream, bytes: Buffer.from(log), seconds, nanos: Number(decimals.padEnd(9, "0")) };
  } catch {
    return undefined;
  }
}
