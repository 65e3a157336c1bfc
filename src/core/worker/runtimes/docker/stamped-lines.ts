// The records of a container with a TTY, whose log comes unframed, each with its stamp before it: a record ends at its
// newline, or is a part of a longer line, and parts are of the engine's copier's size.
import type { LogRecord } from "./container-logs.ts";
import { isStamp, readStamp, STAMP_BYTES } from "./engine-stamp.ts";

/** `daemon/logger/copier.go`: what of a line without newline becomes a part. */
const PART_BYTES = 16 * 1024;
const NEWLINE = 10;

export async function* stampedLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LogRecord> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (let end = recordEnd(held); end !== undefined; end = recordEnd(held)) {
      yield toRecord(held.subarray(0, end));
      held = held.subarray(end);
    }
  }
  if (held.length > 0) yield toRecord(held);
}

/** Where the first record ends; undefined: that is not in `held` yet. */
function recordEnd(held: Uint8Array): number | undefined {
  const newline = held.indexOf(NEWLINE, STAMP_BYTES);
  const part = STAMP_BYTES + PART_BYTES;
  if (newline !== -1 && newline <= part) return newline + 1;
  // Behind a whole part stands the stamp of the next one; where none does, the driver has parts of another size.
  for (let end = part; end + STAMP_BYTES <= held.length; end += PART_BYTES) {
    if (isStamp(held, end)) return end;
  }
  return newline === -1 ? undefined : newline + 1;
}

function toRecord(record: Uint8Array): LogRecord {
  return { stream: "stdout", bytes: record.subarray(STAMP_BYTES), ...readStamp(record) };
}
