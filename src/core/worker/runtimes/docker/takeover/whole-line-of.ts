// The beginning of a line of which an attach has only the end, out of the engine's log.
import type { StreamName } from "../../../../log/line-batch.ts";
import type { LogRecord } from "../container-logs.ts";
import { WholeLines } from "./whole-lines.ts";

/**
 * The newest line of `stream` that ends in `end`, or, for an empty `end`, the one at the very end that has no newline.
 * undefined: the records have none.
 */
export async function wholeLineOf(
  records: AsyncIterable<LogRecord>,
  stream: StreamName,
  end: Uint8Array,
): Promise<Uint8Array | undefined> {
  const lines = new WholeLines();
  const isIt = (line: Uint8Array | undefined): boolean =>
    line !== undefined &&
    line.length >= end.length &&
    Buffer.compare(line.subarray(line.length - end.length), end) === 0;
  let found: Uint8Array | undefined;
  for await (const record of records) {
    if (record.stream !== stream) continue;
    const line = lines.add(record.bytes);
    if (end.length > 0 && isIt(line)) found = line;
  }
  const rest = lines.rest();
  return isIt(rest) ? rest : found;
}
