// The text of a JSON string without its escapes, written where it stands: an escape is never shorter than what it means.
import { backslashByte } from "../../base/bytes.ts";

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
export function unescapeJson(bytes: Uint8Array, from: number, end: number): number {
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
