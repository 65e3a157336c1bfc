// What a line is recognised by when two sources of the same output are laid side by side: attach, the engine's log and
// our own log do not hold the same bytes. Ours is cut at 1 MiB and has U+FFFD for what is no UTF-8; json-file has one
// U+FFFD for each bad byte, and also where a part of 16 KiB ends inside a character; a terminal's line ends in "\r\n".
// So runs of U+FFFD count as one, and only the beginning of a long line counts.
import { isUtf8 } from "node:buffer";

/** Well inside the first part of a long line, so that no cut of anybody's lies within. */
const keyBytes = 4096;
const newlineByte = 10;
const carriageReturnByte = 13;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** A number that equal lines share; others do by chance, one in four thousand million. With or without newline. */
export function keyOf(line: Uint8Array): number {
  let end = line.length;
  if (line[end - 1] === newlineByte) end--;
  if (line[end - 1] === carriageReturnByte) end--;
  const text = line.subarray(0, end);
  const plain = isPlain(text) ? text : encoder.encode(decoder.decode(text).replace(/\ufffd+/g, "\ufffd"));
  return Bun.hash.xxHash32(plain.length > keyBytes ? plain.subarray(0, keyBytes) : plain);
}

/** Valid UTF-8 without U+FFFD. */
function isPlain(text: Uint8Array): boolean {
  return isUtf8(text) && (text.indexOf(0xef) === -1 || Buffer.from(text).indexOf("\ufffd") === -1);
}
