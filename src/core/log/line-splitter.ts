// Turns the bytes of a task's two streams into lines. Each stream has its own unfinished line; bytes are joined
// first and looked at as UTF-8 afterwards, so that a character may be cut anywhere between two chunks. What leaves
// here is valid UTF-8 (bytes that are not become U+FFFD) and at most `lineBytesMax` long: the one place that
// makes these two true for everybody behind it.
//
// Deliberately absent: numbers (the broadcaster gives them) and time (the caller knows when it read).

import { isUtf8 } from "node:buffer";
import { carriageReturnByte, newlineByte } from "../base/bytes.ts";
import { lineBytesMax } from "../base/limits.ts";
import type { Stamp } from "../base/stamp.ts";
import { cutFlag, type LineBatch, LineBatchBuilder, type StreamName, stderrFlag } from "./line-batch.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The unfinished line of one stream. Holds at most one byte more than `lineBytesMax`. */
class Unfinished {
  readonly flags: number;
  pieces: Uint8Array[] = [];
  bytes = 0;
  /** Counts what was added, so that a change shows without comparing text. */
  changes = 0;

  constructor(flags: number) {
    this.flags = flags;
  }

  add(piece: Uint8Array): void {
    const room = lineBytesMax + 1 - this.bytes;
    if (room <= 0 || piece.length === 0) return;
    // A copy, so that a short rest does not keep the whole chunk it came in.
    const kept = piece.slice(0, room);
    this.pieces.push(kept);
    this.bytes += kept.length;
    this.changes++;
  }

  take(): Uint8Array {
    const line = this.pieces.length === 1 ? (this.pieces[0] as Uint8Array) : Buffer.concat(this.pieces);
    this.pieces = [];
    this.bytes = 0;
    return line;
  }
}

export class LineSplitter {
  readonly #tty: boolean;
  readonly #lines = new LineBatchBuilder();
  readonly #unfinished = { stdout: new Unfinished(0), stderr: new Unfinished(stderrFlag) };

  /** With `tty`, removes the carriage return that a terminal puts before each newline. */
  constructor(options: { tty: boolean }) {
    this.#tty = options.tty;
  }

  /** Takes bytes as they came. `stamp` is given to each line that they finish. `isCut`: they are one line that may not be whole. */
  push(stream: StreamName, bytes: Uint8Array, stamp: Stamp, isCut = false): void {
    const unfinished = this.#unfinished[stream];
    if (isCut) {
      this.#addLine(wholeCharacters(bytes.subarray(0, -1)), stamp, unfinished.flags | cutFlag);
      return;
    }
    const last = bytes.lastIndexOf(newlineByte);
    if (last === -1) {
      unfinished.add(bytes);
      return;
    }
    let from = 0;
    if (unfinished.bytes > 0) {
      from = bytes.indexOf(newlineByte) + 1;
      unfinished.add(bytes.subarray(0, from - 1));
      this.#addLine(unfinished.take(), stamp, unfinished.flags);
    }
    const whole = bytes.subarray(from, last + 1);
    if (whole.length > 0) this.#addWhole(whole, stamp, unfinished.flags);
    unfinished.add(bytes.subarray(last + 1));
  }

  /** The streams have ended: what has no newline is a line, too. */
  end(stamp: Stamp): void {
    for (const unfinished of Object.values(this.#unfinished)) {
      if (unfinished.bytes > 0) this.#addLine(unfinished.take(), stamp, unfinished.flags);
    }
  }

  /** The streams that have text without newline, and a number that differs whenever that text does. */
  *unfinished(): Generator<readonly [stream: StreamName, change: number]> {
    for (const stream of ["stdout", "stderr"] as const) {
      const { bytes, changes } = this.#unfinished[stream];
      if (bytes > 0) yield [stream, changes];
    }
  }

  /** Text that has no newline yet, as it came; undefined when there is none. */
  begun(stream: StreamName): Uint8Array | undefined {
    const unfinished = this.#unfinished[stream];
    return unfinished.bytes === 0 ? undefined : Buffer.concat(unfinished.pieces);
  }

  /** The same, sanitised. */
  partial(stream: StreamName): Uint8Array | undefined {
    const text = this.begun(stream);
    return text === undefined || isUtf8(text) ? text : encoder.encode(decoder.decode(text));
  }

  /** The lines finished since the last call, numbered from 1; undefined when there are none. */
  take(): LineBatch | undefined {
    return this.#lines.count === 0 ? undefined : this.#lines.build(1);
  }

  #addWhole(whole: Uint8Array, stamp: Stamp, flags: number): void {
    if (!this.#tty && whole.length <= lineBytesMax && isUtf8(whole)) {
      this.#lines.addBlock(whole, stamp, flags);
      return;
    }
    let from = 0;
    for (let at = whole.indexOf(newlineByte); at !== -1; at = whole.indexOf(newlineByte, from)) {
      this.#addLine(whole.subarray(from, at), stamp, flags);
      from = at + 1;
    }
  }

  #addLine(raw: Uint8Array, stamp: Stamp, flags: number): void {
    let line = raw;
    if (this.#tty && line[line.length - 1] === carriageReturnByte) line = line.subarray(0, -1);
    let cut = line.length > lineBytesMax;
    if (cut) line = line.subarray(0, characterEnd(line, lineBytesMax));
    if (!isUtf8(line)) {
      line = encoder.encode(decoder.decode(line)); // U+FFFD takes three bytes: it may be too long now
      if (line.length > lineBytesMax) {
        cut = true;
        line = line.subarray(0, characterEnd(line, lineBytesMax));
      }
    }
    this.#lines.add(line, 0, line.length, stamp, cut ? flags | cutFlag : flags);
  }
}

/** Cuts off partial characters at both ends. */
function wholeCharacters(bytes: Uint8Array): Uint8Array {
  let from = 0;
  while (from < 3 && isContinuation(bytes[from])) from++;
  let last = bytes.length - 1;
  while (last > bytes.length - 4 && isContinuation(bytes[last])) last--;
  const text = bytes.subarray(from);
  return isUtf8(bytes.subarray(last)) ? text : bytes.subarray(from, Math.max(from, last));
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The largest end of a character at or before `end`, where the next byte is still in `bytes`. */
function characterEnd(bytes: Uint8Array, end: number): number {
  for (let at = end; at > end - 4; at--) {
    if (((bytes[at] as number) & 0xc0) !== 0x80) return at;
  }
  return end;
}
