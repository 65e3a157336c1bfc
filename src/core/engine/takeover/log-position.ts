// What a record of the engine's log is known by from one reading to the next: its stamp of nanoseconds, its stream and
// its text. Only equality counts; that stamps may run backwards, or lie in the future, does not matter.
import type { StreamName } from "../../log/line-batch.ts";
import type { LogRecord } from "../records/log-record.ts";

export const streams = ["stdout", "stderr"] as const;

export interface RecordId {
  seconds: number;
  nanos: number;
  stream: StreamName;
  hash: number;
  /** How many of its stream like it stand directly before it: the parts of a line have one stamp, and may be equal. */
  nth: number;
}

/** `before`: the record of the same stream before it. */
export function idOf({ seconds = 0, nanos = 0, stream, bytes }: LogRecord, before?: RecordId): RecordId {
  const id = { seconds, nanos, stream, hash: Bun.hash.xxHash32(bytes), nth: 0 };
  const isSame = before?.hash === id.hash && before.nanos === nanos && before.seconds === seconds;
  return isSame ? { ...id, nth: before.nth + 1 } : id;
}

/** Apart from `nth`. */
export function isAlike(record: LogRecord, id: RecordId): boolean {
  return (
    record.nanos === id.nanos &&
    record.seconds === id.seconds &&
    record.stream === id.stream &&
    Bun.hash.xxHash32(record.bytes) === id.hash
  );
}

/** A place in the engine's log, between two records. */
export interface LogPosition {
  /** Behind this record; `isNext`: before it; none: at the beginning of a log that was empty. */
  record: RecordId | undefined;
  isNext: boolean;
  /** About how many records follow. */
  recordsBehind: number;
  /** Lines of each stream that come next and were taken already, out of another order. */
  skip: Record<StreamName, number>;
}
