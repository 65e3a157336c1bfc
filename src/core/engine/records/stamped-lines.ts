// The records of a container with a TTY, whose log comes unframed, each with its stamp before it: a record ends at its
// newline, or is a part of a longer line, and parts are of the engine's copier's size.
import { joinBytes, letterZByte, newlineByte } from "../../base/bytes.ts";
import { type LogRecord, logPartBytes } from "./record-format.ts";

export async function* stampedLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogRecord> {
  let held: Uint8Array = new Uint8Array(0);
  let isPart = false;
  for await (const chunk of chunks) {
    held = joinBytes(held, chunk);
    for (let end = recordEnd(held, isPart); end !== undefined; end = recordEnd(held, isPart)) {
      yield toRecord(held.subarray(0, end));
      isPart = held[end - 1] !== newlineByte && end === stampBytes + logPartBytes;
      held = held.subarray(end);
    }
  }
  if (held.length > 0) yield toRecord(held);
}

/** Finds the end of the first record; undefined if it is not in `held` yet. `isPart`: the one before was a part. */
function recordEnd(held: Uint8Array, isPart: boolean): number | undefined {
  const newline = held.indexOf(newlineByte, stampBytes);
  const part = stampBytes + logPartBytes;
  if (newline !== -1 && newline <= part) return (isPart && nextStamp(held, newline)) || newline + 1;
  // Behind a whole part stands the stamp of the next one; where none does, the driver has parts of another size.
  for (let end = part; end + stampBytes <= held.length; end += logPartBytes) {
    if (isStamp(held, end)) return end;
  }
  return newline === -1 ? undefined : newline + 1;
}

/** The driver `local` (20.10) leaves out the newline behind the last part of a line: the next stamp stands there. */
function nextStamp(held: Uint8Array, end: number): number | undefined {
  for (
    let at = held.indexOf(letterZByte, stampBytes);
    at !== -1 && at < end;
    at = held.indexOf(letterZByte, at + 1)
  ) {
    const from = at + 2 - stampBytes;
    if (from > stampBytes && isStamp(held, from)) return from;
  }
  return undefined;
}

function toRecord(record: Uint8Array): LogRecord {
  return { stream: "stdout", bytes: record.subarray(stampBytes), ...readStamp(record) };
}

// The stamp before each record of the logs API: RFC 3339 in UTC with always nine decimals and a space behind it, e.g.
// "2026-11-23T07:51:53.417678314Z ". Read by position, because it is read for each line.

/** The parts of a stamp such as `2026-01-31T08:00:00.000000000Z `, which the engine writes at full length, in bytes. */
export const stampBytes = 31;
const secondBytes = 19;
const nanosOffset = 20;

const decoder = new TextDecoder("latin1");
let lastText = "";
let lastSeconds = 0;

/** Throws an Error where `record` does not begin with a stamp. */
export function readStamp(record: Uint8Array): { seconds: number; nanos: number } {
  if (record[stampBytes - 1] !== 32 || record[stampBytes - 2] !== 90)
    throw new Error("a log record has no stamp");
  const text = decoder.decode(record.subarray(0, secondBytes));
  if (text !== lastText) {
    lastSeconds = Date.parse(`${text}Z`) / 1000;
    lastText = text;
  }
  let nanos = 0;
  for (let at = nanosOffset; at < stampBytes - 2; at++) nanos = nanos * 10 + ((record[at] as number) - 48);
  return { seconds: lastSeconds, nanos };
}

/** True if a stamp stands in `bytes` from `at` on. */
function isStamp(bytes: Uint8Array, at: number): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z $/.test(
    decoder.decode(bytes.subarray(at, at + stampBytes)),
  );
}
