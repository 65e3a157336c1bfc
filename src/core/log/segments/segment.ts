// The state of one segment of a log, whether it is text that still grows, text, or sealed.
import type { LineBatch } from "../line-batch.ts";
import type { LogGap } from "../log-item.ts";
import type { IndexTable } from "./index-table.ts";
import type { SegmentFile } from "./segment-files.ts";
import type { Tally } from "./tally.ts";

export interface Segment {
  readonly file: SegmentFile;
  /** The number behind its last line that can be read from the file. */
  readonly nextSeq: number;
  /** Bytes of the file, without its index. */
  readonly bytes: number;
  /** The tally of the log before its first and behind its last line. */
  readonly base: Tally;
  readonly end: Tally;
  /** Lines from `seq` on, which is in it; or the gap where they cannot be read any more. Throws what the system throws. */
  read(seq: number, bytesMax: number): Promise<LineBatch | LogGap>;
  /** Its marks, complete: worked out again where the index file is missing or wrong. */
  index(): Promise<IndexTable>;
}

/** The gap for lines whose bytes on disk are no lines (any more). */
export function damagedGap(fromSeq: number, toSeq: number): LogGap {
  return { fromSeq, toSeq, count: toSeq - fromSeq + 1, reason: "damaged on disk" };
}
