// The density of a log: so many spans of equal time, each with its lines and errors, made from the log's profile.
import { densityTasksMax } from "../../../core/base/limits.ts";
import { LogProfile, type ProfileRow } from "./log-profile.ts";
import type { LogRange } from "./log-range.ts";

export interface DensityBucket {
  /** The seq of its first line; of an empty span, of the next line after it. */
  fromSeq: number;
  /** Less than `fromSeq` when it is empty. */
  toSeq: number;
  lines: number;
  errors: number;
  /** The start of the span, in ms of the Unix epoch. */
  readonly timeMs: number;
}

export interface LogDensity {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly buckets: DensityBucket[];
}

export class LogDensities {
  /** The profiles in order of last use. */
  readonly #profiles = new Map<string, LogProfile>();

  /**
   * Computes the density of all lines that are there at the call. `onProgress` gets the last seq that was looked at,
   * now and then.
   */
  async of(
    range: LogRange,
    buckets: number,
    signal: AbortSignal,
    onProgress: (scannedTo: number, of: number) => Promise<void> | undefined = () => undefined,
  ): Promise<LogDensity> {
    const { epoch, firstSeq, nextSeq } = await range.info();
    const profile = this.#profileOf(range.taskId, epoch, firstSeq);
    const toSeq = nextSeq - 1;
    for (let to = profile.nextSeq; profile.nextSeq <= toSeq && !signal.aborted; ) {
      to = Math.min(toSeq, to + progressEveryLines);
      await profile.continueTo(to, range, signal);
      await onProgress(profile.nextSeq - 1, toSeq);
    }
    return { fromSeq: firstSeq, toSeq, buckets: toBuckets(profile.rows, buckets, toSeq) };
  }

  #profileOf(taskId: string, epoch: string, firstSeq: number): LogProfile {
    const known = this.#profiles.get(taskId);
    const profile = known?.epoch === epoch ? known : new LogProfile(epoch, firstSeq);
    this.#profiles.delete(taskId);
    this.#profiles.set(taskId, profile);
    for (const oldest of this.#profiles.keys()) {
      if (this.#profiles.size <= densityTasksMax) break;
      this.#profiles.delete(oldest);
    }
    return profile;
  }
}

/** The lines between two answers of one reading, so that a long log shows its density while it is read. */
const progressEveryLines = 500_000;

/** A row belongs to the span in which it begins; stamps that run backwards, to the one that is reached already. */
function toBuckets(rows: readonly ProfileRow[], count: number, toSeq: number): DensityBucket[] {
  const first = rows[0];
  if (first === undefined) return [];
  let lastMs = first.timeMs;
  for (const row of rows) lastMs = Math.max(lastMs, row.lastMs);
  const spanMs = Math.max(1, (lastMs - first.timeMs + 1) / count);
  const buckets: DensityBucket[] = Array.from({ length: count }, (_, index) => ({
    fromSeq: 0,
    toSeq: 0,
    lines: 0,
    errors: 0,
    timeMs: Math.floor(first.timeMs + index * spanMs),
  }));
  let reached = 0;
  for (const row of rows) {
    reached = Math.max(reached, Math.min(count - 1, Math.floor((row.timeMs - first.timeMs) / spanMs)));
    const bucket = buckets[reached] as DensityBucket;
    if (bucket.lines === 0) bucket.fromSeq = row.fromSeq;
    bucket.toSeq = row.toSeq;
    bucket.lines += row.lines;
    bucket.errors += row.errors;
  }
  let next = toSeq + 1;
  for (const bucket of buckets.reverse()) {
    if (bucket.lines === 0) [bucket.fromSeq, bucket.toSeq] = [next, next - 1];
    next = bucket.fromSeq;
  }
  return buckets.reverse();
}
