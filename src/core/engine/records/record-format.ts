// The format of a log file of the engine, for each logging driver that has files: where records begin and end, and
// what they say. A format works on bytes of a file that begin anywhere and end in the middle of a record, which is
// how a file that is being written looks.
import type { LogRecord } from "./log-record.ts";

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
