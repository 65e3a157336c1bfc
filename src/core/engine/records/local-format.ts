// The driver local, and the engine's own cache for drivers that cannot be read: a length, a protobuf message, the
// length again; lengths are big-endian uint32. The message (`api/types/plugins/logdriver/entry.proto` of moby): 1 source,
// 2 time in ns, 3 text without its newline, 4 whether it is a part, 5 of which part {1 last}. Read by hand: a protobuf
// library would copy each text and make a BigInt of each time.
import { newlineByte } from "../../base/bytes.ts";
import type { LogRecord, RecordFormat } from "./record-format.ts";

/** The size of a message's length, which stands before and behind it, in bytes: the format has a 32-bit number. */
const lengthBytes = 4;
/** Text of 16 KiB and little else. */
const messageBytesMax = 256 * 1024;

const sourceTag = 0x0a;
const timeTag = 0x10;
const textTag = 0x1a;
const partialTag = 0x20;
const partTag = 0x2a;
const lastTag = 0x08;

class LocalFormat implements RecordFormat {
  /** The offset behind the varint that was read last. */
  #at = 0;

  decode(bytes: Buffer, at: number, end: number, out: LogRecord[]): number {
    if (at + lengthBytes > end) return 0;
    const length = bytes.readUInt32BE(at);
    if (length === 0 || length > messageBytesMax) return -1;
    const message = at + lengthBytes;
    const behind = message + length + lengthBytes;
    if (behind > end) return 0;
    if (bytes.readUInt32BE(message + length) !== length) return -1;
    const record = this.#message(bytes, message, message + length);
    if (record === undefined) return -1;
    out.push(record);
    return behind;
  }

  resync(bytes: Buffer, at: number, end: number): number {
    for (let start = at + 1; start + lengthBytes < end; start++) {
      if (bytes[start + lengthBytes] !== sourceTag) continue;
      const length = bytes.readUInt32BE(start);
      const behind = start + lengthBytes + length;
      if (length === 0 || length > messageBytesMax || behind + lengthBytes > end) continue;
      if (bytes.readUInt32BE(behind) === length) return start;
    }
    return end;
  }

  /** Finds the start of the record before a record that is just being written. */
  startOf(bytes: Buffer, end: number): number {
    for (let behind = end; behind > 2 * lengthBytes; behind--) {
      const length = bytes.readUInt32BE(behind - lengthBytes);
      const start = behind - length - 2 * lengthBytes;
      if (start < 0 && behind === end && length <= messageBytesMax) return -1;
      if (start >= 0 && length > 0 && bytes.readUInt32BE(start) === length) return start;
    }
    return -1;
  }

  #message(bytes: Buffer, from: number, end: number): LogRecord | undefined {
    const record: LogRecord = { stream: "stdout", bytes: bytes.subarray(from, from) };
    let text = from;
    let textEnd = from;
    let isPart = false;
    this.#at = from;
    while (this.#at < end) {
      const tag = bytes[this.#at++] as number;
      if (tag === timeTag) this.#time(bytes, record);
      else if (tag === partialTag) isPart = this.#varint(bytes) !== 0;
      else if (tag === sourceTag || tag === textTag || tag === partTag) {
        const length = this.#varint(bytes);
        const start = this.#at;
        this.#at += length;
        if (this.#at > end) return undefined;
        // "stdout" and "stderr".
        if (tag === sourceTag) record.stream = bytes[this.#at - 1] === 114 ? "stderr" : "stdout";
        else if (tag === partTag) isPart &&= !(bytes[start] === lastTag && bytes[start + 1] === 1);
        else {
          text = start;
          textEnd = this.#at;
        }
      } else return undefined;
    }
    // The length in front has been read: the rest of the message, or the length behind it.
    if (!isPart) bytes[textEnd++] = newlineByte;
    record.bytes = bytes.subarray(text, textEnd);
    return record.seconds === undefined ? undefined : record;
  }

  /** Below 2^32. */
  #varint(bytes: Buffer): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 128 || Number.isNaN(value)) return value;
    }
  }

  /** Nanoseconds need more bits than a number has: they are read as two halves. */
  #time(bytes: Buffer, record: LogRecord): void {
    let low = 0;
    let high = 0;
    for (let bit = 0; bit < 70; bit += 7) {
      const byte = bytes[this.#at++] as number;
      if (bit < 28) low += (byte & 0x7f) * 2 ** bit;
      else high += (byte & 0x7f) * 2 ** (bit - 28);
      if (byte < 128) break;
    }
    const rest = (high * 2 ** 28) % 1e9;
    const nanos = rest + low;
    record.seconds = (high * 2 ** 28 - rest) / 1e9 + Math.floor(nanos / 1e9);
    record.nanos = nanos % 1e9;
  }
}

export const createLocalFormat = (): RecordFormat => new LocalFormat();
