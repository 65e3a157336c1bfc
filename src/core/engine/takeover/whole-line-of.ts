// The beginning of a line of which an attach has only the end, out of the engine's log.

import type { Stamp } from "../../base/stamp.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { LogRecord } from "../records/log-record.ts";
import { WholeLines } from "../records/whole-lines.ts";

const newlineByte = 10;

/**
 * The first line of `stream` behind the stamp `after`, if it ends in `end`, with its newline; where `end` has none, the
 * one at the very end of the log, which has none either. undefined: the records have none.
 */
export async function wholeLineOf(
  records: AsyncIterable<LogRecord>,
  stream: StreamName,
  end: Uint8Array,
  after: Stamp = { seconds: 0, nanos: 0 },
): Promise<Uint8Array | undefined> {
  const isOpen = end[end.length - 1] !== newlineByte;
  const sought = isOpen ? Buffer.concat([end, new Uint8Array([newlineByte])]) : end;
  const lines = new WholeLines();
  let found: Uint8Array | undefined;
  for await (const record of records) {
    if (record.stream !== stream) continue;
    const line = lines.add(record.bytes);
    if (isOpen) found = undefined;
    if (line === undefined || !isBehind(record, after)) continue;
    if (isOpen && record.bytes[record.bytes.length - 1] === newlineByte) continue;
    const tail = line.subarray(Math.max(0, line.length - sought.length));
    if (Buffer.compare(tail, sought) === 0) found = line;
    if (!isOpen) break;
  }
  return found;
}

function isBehind({ seconds = 0, nanos = 0 }: LogRecord, after: Stamp): boolean {
  return seconds > after.seconds || (seconds === after.seconds && nanos > after.nanos);
}
