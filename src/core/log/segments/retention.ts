// Which segments of a log are to go: the oldest, whole ones only. What is removed is told as a gap by the log.
import { toMs } from "../../base/stamp.ts";
import type { Segment } from "./segment.ts";

export interface RetentionLimits {
  /** The largest size of the log's segments on disk, in bytes. */
  readonly bytesMax?: number | undefined;
  /** Segments whose newest line is older than this go, in ms. */
  readonly olderThanMs?: number | undefined;
}

export interface Removed {
  readonly segments: number;
  /** Bytes on disk. */
  readonly bytes: number;
}

/** Counts how many of the `removable` oldest segments the limits remove. `nowMs`: milliseconds of the Unix epoch. */
export function countToRemove(
  segments: readonly Segment[],
  removable: number,
  limits: RetentionLimits,
  nowMs: number,
): number {
  const { bytesMax = Number.POSITIVE_INFINITY, olderThanMs = Number.POSITIVE_INFINITY } = limits;
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  let count = 0;
  for (const segment of segments.slice(0, removable)) {
    const newestMs = toMs({ seconds: segment.end.maxSeconds, nanos: segment.end.maxNanos });
    if (bytes <= bytesMax && nowMs - newestMs <= olderThanMs) break;
    bytes -= segment.bytes;
    count++;
  }
  return count;
}
