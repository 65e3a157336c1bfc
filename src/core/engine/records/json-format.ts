// The driver json-file: one object a line, `{"log":"text\n","stream":"stdout","time":"2026-11-23T07:51:53.417678314Z"}`,
// keys in this order always, attributes (`--log-opt labels=…`) between the last two. A record is read by position, and
// its text is unescaped where it stands, which is shorter always: that is several times as fast as JSON.parse and a
// string that becomes bytes again. What looks otherwise goes through JSON.parse.
import { backslashByte, letterZByte, newlineByte, quoteByte } from "../../base/bytes.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { LogRecord, RecordFormat } from "./record-format.ts";

const commaByte = 44;
const colonByte = 58;
const braceCloseByte = 125;
const letterNByte = 110;
const letterRByte = 114;
const letterSByte = 115;
const letterTByte = 116;

const recordBeginning = Buffer.from('{"log":"');
/** The distance from the quote behind the text to the first digit of the time, in bytes. */
const behindTextBytes = '","stream":"stdout","time":"'.length;
/** A stamp is from "2026-11-23T07:51:53Z" to nine decimals: zeros at its end are left out. */
const stampBytesMin = 20;
const stampBytesMax = 30;

class JsonFormat implements RecordFormat {
  #date = -1;
  #dateSeconds = 0;

  decode(bytes: Buffer, at: number, end: number, out: LogRecord[]): number {
    const newline = bytes.indexOf(newlineByte, at);
    if (newline === -1 || newline >= end) return 0;
    const record = this.#fast(bytes, at, newline) ?? slow(bytes.subarray(at, newline));
    if (record === undefined) return -1;
    out.push(record);
    return newline + 1;
  }

  /** A line that was broken off and written on (the engine was killed) has a whole record at its end. */
  resync(bytes: Buffer, at: number, end: number): number {
    const newline = bytes.indexOf(newlineByte, at);
    const again = bytes.indexOf(recordBeginning, at + 1);
    if (again !== -1 && again < end && (newline === -1 || again < newline)) return again;
    return newline === -1 || newline >= end ? end : newline + 1;
  }

  startOf(bytes: Buffer, end: number): number {
    if (end < 2) return -1;
    const newline = bytes.lastIndexOf(newlineByte, end - 2);
    return newline === -1 ? -1 : newline + 1;
  }

  #fast(bytes: Buffer, at: number, newline: number): LogRecord | undefined {
    if (bytes[newline - 1] !== braceCloseByte || bytes[newline - 3] !== letterZByte) return undefined;
    let time = newline - 2 - stampBytesMin;
    while (bytes[time - 1] !== quoteByte) if (--time < newline - 2 - stampBytesMax) return undefined;
    const quote = time - behindTextBytes;
    const text = at + recordBeginning.length;
    if (quote < text || !isBeginning(bytes, at) || !isBehindText(bytes, quote)) return undefined;
    const stream: StreamName = bytes[quote + 17] === letterTByte ? "stdout" : "stderr";
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
  for (let index = 0; index < recordBeginning.length; index++) {
    if (bytes[at + index] !== recordBeginning[index]) return false;
  }
  return true;
}

/** Quotes in the text are escaped: where these stand, the text has ended. */
function isBehindText(bytes: Buffer, quote: number): boolean {
  return (
    bytes[quote] === quoteByte &&
    bytes[quote + 1] === commaByte &&
    bytes[quote + 2] === quoteByte &&
    bytes[quote + 3] === letterSByte &&
    bytes[quote + 9] === quoteByte &&
    bytes[quote + 10] === colonByte &&
    bytes[quote + 11] === quoteByte &&
    bytes[quote + 12] === letterSByte &&
    (bytes[quote + 17] === letterTByte || bytes[quote + 17] === letterRByte) &&
    bytes[quote + 18] === quoteByte &&
    bytes[quote + 19] === commaByte &&
    bytes[quote + 20] === quoteByte &&
    bytes[quote + 21] === letterTByte
  );
}

/** Reads the nanoseconds from `at` (behind the point) to `end`; missing digits are zeros. */
function nanosOf(bytes: Buffer, at: number, end: number): number {
  let nanos = 0;
  for (let index = 0; index < 9; index++) {
    nanos = nanos * 10 + (at + index < end ? (bytes[at + index] as number) - 48 : 0);
  }
  return nanos;
}

/** Nearly every line has one escape: the newline at its end. Gives where the text ends. */
function unescapeText(bytes: Buffer, from: number, quote: number): number {
  const backslash = bytes.indexOf(backslashByte, from);
  if (backslash === -1 || backslash >= quote) return quote;
  if (backslash !== quote - 2 || bytes[quote - 1] !== letterNByte)
    return unescapeJson(bytes, backslash, quote);
  bytes[backslash] = newlineByte;
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

// The text of a JSON string without its escapes, written where it stands: an escape is never shorter than what it means.

const letterUByte = 117;
const replacementCodePoint = 0xfffd;

/** Bytes that follow a backslash, and what they mean; others mean themselves. */
const short = new Map(
  Object.entries({ n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" }).map(([letter, meaning]) => [
    letter.charCodeAt(0),
    meaning.charCodeAt(0),
  ]),
);

/** `bytes[from]` is a backslash. Gives where the text that ended at `end` ends now. */
function unescapeJson(bytes: Uint8Array, from: number, end: number): number {
  let to = from;
  let at = from;
  while (at < end) {
    const byte = bytes[at++] as number;
    if (byte !== backslashByte) {
      bytes[to++] = byte;
      continue;
    }
    const letter = bytes[at++] as number;
    if (letter !== letterUByte) {
      bytes[to++] = short.get(letter) ?? letter;
      continue;
    }
    let code = hexAt(bytes, at);
    at += 4;
    if (code >= 0xd800 && code < 0xe000) {
      const low = bytes[at] === backslashByte && bytes[at + 1] === letterUByte ? hexAt(bytes, at + 2) : 0;
      const isPair = code < 0xdc00 && low >= 0xdc00 && low < 0xe000;
      code = isPair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : replacementCodePoint;
      if (isPair) at += 6;
    }
    to = putUtf8(bytes, to, code);
  }
  return to;
}

function hexAt(bytes: Uint8Array, at: number): number {
  return Number.parseInt(String.fromCharCode(...bytes.subarray(at, at + 4)), 16) || 0;
}

function putUtf8(bytes: Uint8Array, at: number, code: number): number {
  let to = at;
  if (code < 0x80) bytes[to++] = code;
  else if (code < 0x800) {
    bytes[to++] = 0xc0 | (code >> 6);
    bytes[to++] = 0x80 | (code & 0x3f);
  } else {
    if (code < 0x10000) bytes[to++] = 0xe0 | (code >> 12);
    else {
      bytes[to++] = 0xf0 | (code >> 18);
      bytes[to++] = 0x80 | ((code >> 12) & 0x3f);
    }
    bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[to++] = 0x80 | (code & 0x3f);
  }
  return to;
}
