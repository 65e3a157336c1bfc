// The totals of a log at one place: how many lines of each stream, how many bytes, its checksum so far, its newest
// stamps. It is kept while lines are appended and stands in every mark of an index, so that a log that is opened
// again knows all of it without reading its lines.

import type { Stamp } from "../../base/stamp.ts";
import { LogChecksum } from "../checksum.ts";
import { type LineBatch, stderrFlag } from "../line-batch.ts";

/** A tally as it stands in JSON: nextSeq, stdout, stderr, bytes, two checksums, seconds and nanoseconds of the last line. */
export type TallyColumns = [number, number, number, number, number, number, number, number];

export class Tally {
  nextSeq = 1;
  /** Lines taken of each stream since the log began, those included that were lost or removed later. */
  stdout = 0;
  stderr = 0;
  /** Bytes of text since the log began, newlines included. */
  bytes = 0;
  checksum = new LogChecksum();
  /** The stamp of the last line; zeros before the first. */
  lastSeconds = 0;
  lastNanos = 0;
  /** The largest stamp since `startSegment`; stamps may run backwards. */
  maxSeconds = 0;
  maxNanos = 0;

  add(batch: LineBatch): void {
    const { count, flags, seconds, nanos } = batch;
    if (count === 0) return;
    let stderr = 0;
    for (let index = 0; index < count; index++) {
      if (((flags[index] as number) & stderrFlag) !== 0) stderr++;
      const second = seconds[index] as number;
      if (second > this.maxSeconds) {
        this.maxSeconds = second;
        this.maxNanos = nanos[index] as number;
      } else if (second === this.maxSeconds && (nanos[index] as number) > this.maxNanos) {
        this.maxNanos = nanos[index] as number;
      }
    }
    this.stdout += count - stderr;
    this.stderr += stderr;
    this.bytes += batch.bytes;
    this.checksum.add(batch);
    this.lastSeconds = seconds[count - 1] as number;
    this.lastNanos = nanos[count - 1] as number;
    this.nextSeq += count;
  }

  /** Counts one record of the file that cannot be read any more: it keeps its number. */
  addDamaged(): void {
    this.nextSeq++;
    this.stdout++;
  }

  /** Stamps are compared within a segment: the maximum begins anew with each. */
  startSegment(): void {
    this.maxSeconds = 0;
    this.maxNanos = 0;
  }

  /** True if a line with this stamp or a later one was counted since `startSegment`. */
  hasReached(stamp: Stamp): boolean {
    if (this.maxSeconds !== stamp.seconds) return this.maxSeconds > stamp.seconds;
    return this.maxNanos >= stamp.nanos;
  }

  copy(): Tally {
    const copy = new Tally();
    Object.assign(copy, this);
    copy.checksum = new LogChecksum(this.checksum.text, this.checksum.flags);
    return copy;
  }

  toColumns(): TallyColumns {
    const { nextSeq, stdout, stderr, bytes, checksum, lastSeconds, lastNanos } = this;
    return [nextSeq, stdout, stderr, bytes, checksum.text, checksum.flags, lastSeconds, lastNanos];
  }

  static fromColumns(columns: TallyColumns): Tally {
    const tally = new Tally();
    [tally.nextSeq, tally.stdout, tally.stderr, tally.bytes] = columns;
    tally.checksum = new LogChecksum(columns[4], columns[5]);
    tally.lastSeconds = columns[6];
    tally.lastNanos = columns[7];
    return tally;
  }
}
