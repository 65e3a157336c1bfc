// The format of a log file of the engine, for each logging driver that has files: where records begin and end, and
// what they say. A format works on bytes of a file that begin anywhere and end in the middle of a record, which is
// how a file that is being written looks.
import type { StreamName } from "../../log/line-batch.ts";

export interface RecordFormat {
  /**
   * Adds the record that begins at `at` to `out`, as a view of `bytes`, in which it may write. Gives the offset behind
   * it; 0 where it is not whole before `end`; -1 where that is no record.
   */
  decode(bytes: Buffer, at: number, end: number, out: LogRecord[]): number;
  /** The first offset behind `at` where a record seems to begin; `end` where none does. */
  resync(bytes: Buffer, at: number, end: number): number;
  /** Finds the start of the record that ends at `end`; -1 if it is before `bytes`. */
  startOf(bytes: Buffer, end: number): number;
}

// One record of a container's log, as the engine keeps it: a line, or a part of a longer one.

/** The size in bytes of a part of a longer line (`daemon/logger/copier.go`); json-file may make it longer, where it is no UTF-8. */
export const logPartBytes = 16 * 1024;

export interface LogRecord {
  stream: StreamName;
  bytes: Uint8Array;
  /**
   * The time when the engine read it, seconds and nanoseconds of the Unix epoch; absent in a followed TTY. May run
   * backwards.
   */
  seconds?: number;
  nanos?: number;
}
