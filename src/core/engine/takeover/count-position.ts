// The place in a log that has every line since the container began, by counting from its beginning: for a reader who is
// far behind, in a log that is long. The lines around the place must be the ones that were taken; an engine that was
// killed in between has lost some, and then the count is worth nothing.
import type { StreamName } from "../../log/line-batch.ts";
import type { Taken } from "../output.ts";
import type { LogRecord } from "../records/log-record.ts";
import { WholeLines } from "../records/whole-lines.ts";
import { apartMsMax, type Marks } from "./find-place.ts";
import { keyOf } from "./line-key.ts";
import { idOf, type LogPosition } from "./log-position.ts";

/** Lines that are compared, at most. */
const comparedMax = 64;

/** `records`: all of the log. undefined: it has not the lines that were taken where the counts say. */
export async function countPosition(
  records: AsyncIterable<LogRecord>,
  taken: Taken,
  marks: Record<StreamName, Marks>,
): Promise<LogPosition | undefined> {
  const counted = { stdout: new CountedLines(), stderr: new CountedLines() };
  const left = (stream: StreamName): number => taken[stream] - counted[stream].count;
  const isReached = (): boolean => left("stdout") === 0 || left("stderr") === 0;
  const at = (record: LogRecord, isNext: boolean): LogPosition => ({
    // The end of a line: of equal parts it is the only one.
    record: idOf(record),
    isNext,
    recordsBehind: Number.POSITIVE_INFINITY,
    skip: { stdout: left("stdout"), stderr: left("stderr") },
  });
  let position: LogPosition | undefined;
  for await (const record of records) {
    if (isReached()) position ??= at(record, true);
    if (left(record.stream) > 0) counted[record.stream].add(record);
    if (isReached()) position ??= at(record, false);
    if (left("stdout") > 0 || left("stderr") > 0) continue;
    return counted.stdout.agree(marks.stdout) && counted.stderr.agree(marks.stderr) ? position : undefined;
  }
  return undefined;
}

/** Counts the lines of one stream and remembers the newest. */
class CountedLines {
  count = 0;
  #keys: number[] = [];
  #timeMs = 0;
  readonly #lines = new WholeLines();

  add({ bytes, seconds = 0, nanos = 0 }: LogRecord): void {
    const line = this.#lines.add(bytes);
    if (line === undefined) return;
    this.count++;
    this.#keys.push(keyOf(line));
    this.#timeMs = seconds * 1000 + nanos / 1e6;
    if (this.#keys.length > 2 * comparedMax) this.#keys = this.#keys.slice(-comparedMax);
  }

  agree({ keys, times }: Marks): boolean {
    const compared = Math.min(comparedMax, keys.length, this.#keys.length);
    for (let back = 1; back <= compared; back++) {
      if (keys[keys.length - back] !== this.#keys[this.#keys.length - back]) return false;
    }
    return compared === 0 || Math.abs((times[times.length - 1] as number) - this.#timeMs) <= apartMsMax;
  }
}
