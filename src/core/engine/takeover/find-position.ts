// Where to go on in the engine's log of a container, for a reader who has taken some of its lines: the newest records are
// read until the place of both streams is certain among them. Most takeovers look at a few thousand; a log of gigabytes is
// read as a whole only when its lines repeat so that counting is the only way.
import type { LineBatch, StreamName } from "../../log/line-batch.ts";
import { keepsAll, type LogFiles, mayRotate } from "../files/log-files.ts";
import type { Taken } from "../output.ts";
import type { LogRecord } from "../records/log-record.ts";
import { countPosition } from "./count-position.ts";
import { findPlace, type Marks, type Place, placeByTime } from "./find-place.ts";
import { keyOf } from "./line-key.ts";
import { type LogPosition, streams } from "./log-position.ts";
import { LogScan } from "./log-scan.ts";

export interface FoundPosition {
  position: LogPosition;
  /** Why lines may be missing there: one clause. */
  gap: string | undefined;
  /** The newest lines taken are not in the log, which ends there: it may only be late. */
  isBehind: boolean;
}

/** Records of the engine's log looked at: first, at most, and how that grows. */
const scanRecordsMin = 4096;
const scanRecordsMax = 4_194_304;
const growth = 4;
/** So many records behind, counting from the beginning of a log that is never rotated is as fast, and sure. */
const countedFrom = 65_536;
/** Lines taken that they are compared with. The second is more than an engine that is killed has not yet logged, about 1 MB. */
const comparedLines = [20_000, 1_000_000];

const rotatedReason = "the engine's log no longer reaches back to the lines before";
const repeatsReason = "lines repeat in the engine's log, and where it goes on could not be told exactly";
/** Lines taken are more than the log has: its engine was killed. */
export const unloggedReason =
  "perhaps none: the engine ended before its log had all that was read, and may have had more in memory";

export async function findPosition(
  read: (tail: number | undefined) => AsyncIterable<LogRecord>,
  taken: Taken,
  files: LogFiles,
): Promise<FoundPosition> {
  if (taken.stdout + taken.stderr === 0) return atBeginning(read, taken, files);
  let best: FoundPosition | undefined;
  let scan: LogScan | undefined;
  for (const linesMax of comparedLines) {
    const marks = toMarks(await taken.lastLines(linesMax));
    for (let recordsMax = scanRecordsMin; recordsMax <= scanRecordsMax; recordsMax *= growth) {
      // What is all of a log is not read twice: it may rotate away meanwhile.
      if (scan?.isAll !== true) scan = await LogScan.read(read(recordsMax), recordsMax);
      const isLast = scan.isAll || recordsMax === scanRecordsMax;
      if (!isLast && !reachesBack(scan, marks)) {
        if (recordsMax !== countedFrom || mayRotate(files) || !taken.isExact) continue;
        const position = await countPosition(read(undefined), taken, marks);
        if (position !== undefined) return { position, gap: undefined, isBehind: false };
      }
      const found = new Positioning(taken, marks, scan, keepsAll(files, scan));
      best = found.position();
      if (found.isSettled || best.isBehind) return best;
      if (isLast) break;
    }
    if (marks.stdout.keys.length + marks.stderr.keys.length < linesMax / 2) break;
  }
  return best as FoundPosition;
}

/** Whether the newest line taken can be in the scan, by its stamp; where clocks differ, only more is read. */
function reachesBack(scan: LogScan, marks: Record<StreamName, Marks>): boolean {
  return streams.some((stream) => {
    const { times } = marks[stream];
    return (scan[stream].times[0] ?? Infinity) < (times[times.length - 1] ?? -Infinity);
  });
}

/** Nothing was taken, or nothing that could be counted after a gap: everything that the engine has is new. */
async function atBeginning(
  read: (tail: number | undefined) => AsyncIterable<LogRecord>,
  taken: Taken,
  files: LogFiles,
): Promise<FoundPosition> {
  const position = { record: undefined, isNext: false, recordsBehind: 0, skip: { stdout: 0, stderr: 0 } };
  const found = { position, gap: undefined, isBehind: false };
  if (!taken.isExact || !mayRotate(files)) return found;
  const scan = await LogScan.read(read(scanRecordsMax), scanRecordsMax);
  return scan.records === 0 || keepsAll(files, scan) ? found : { ...found, gap: rotatedReason };
}

/** The lines of `batches`, by stream. */
function toMarks(batches: readonly LineBatch[]): Record<StreamName, { keys: number[]; times: number[] }> {
  const marks = { stdout: { keys: [], times: [] }, stderr: { keys: [], times: [] } } as ReturnType<
    typeof toMarks
  >;
  for (const batch of batches) {
    for (let index = 0; index < batch.count; index++) {
      const { keys, times } = marks[batch.streamAt(index)];
      keys.push(keyOf(batch.bytesAt(index)));
      times.push((batch.seconds[index] as number) * 1000 + (batch.nanos[index] as number) / 1e6);
    }
  }
  return marks;
}

class Positioning {
  readonly #taken: Taken;
  readonly #scan: LogScan;
  /** The scan has every line since the container began. */
  readonly #isWhole: boolean;
  readonly #marks: Record<StreamName, Marks>;
  readonly #places: Record<StreamName, Place | undefined>;

  constructor(taken: Taken, marks: Record<StreamName, Marks>, scan: LogScan, isWhole: boolean) {
    this.#taken = taken;
    this.#marks = marks;
    this.#scan = scan;
    this.#isWhole = isWhole;
    this.#places = { stdout: this.#byContent("stdout"), stderr: this.#byContent("stderr") };
    this.#places.stdout ??= this.#byOther("stdout", "stderr");
    this.#places.stderr ??= this.#byOther("stderr", "stdout");
  }

  /** A longer scan would not know better. */
  get isSettled(): boolean {
    return streams.every((stream) => {
      const place = this.#places[stream];
      if (place === undefined) return this.#isWhole && this.#taken[stream] === 0;
      const isLong = place.overlap >= Math.min(64, this.#marks[stream].keys.length) || this.#scan.isAll;
      return place.isCertain && isLong;
    });
  }

  position(): FoundPosition {
    const at = { stdout: this.#at("stdout"), stderr: this.#at("stderr") };
    const lastRecords = streams.map((stream) => this.#scan[stream].records[at[stream] - 1] ?? -1);
    const from = Math.min(...lastRecords);
    return {
      position: {
        record: this.#scan.idAt(Math.max(0, from)),
        isNext: from < 0,
        recordsBehind: this.#scan.records - from,
        skip: {
          stdout: at.stdout - this.#scan.linesUpTo("stdout", from),
          stderr: at.stderr - this.#scan.linesUpTo("stderr", from),
        },
      },
      gap: this.#gap(),
      isBehind: streams.some((stream) => {
        const place = this.#places[stream];
        return (place?.unlogged ?? 0) > 0 && place?.at === this.#scan[stream].keys.length;
      }),
    };
  }

  #at(stream: StreamName): number {
    return this.#places[stream]?.at ?? placeByTime(this.#marks[stream], this.#scan[stream]);
  }

  #gap(): string | undefined {
    const places = streams.map((stream) => this.#places[stream]);
    const isRotated = streams.some(
      (stream) => this.#places[stream] === undefined && !(this.#isWhole && this.#taken[stream] === 0),
    );
    if (isRotated) return rotatedReason;
    if (places.some((place) => place?.isCertain === false)) return repeatsReason;
    if (places.some((place) => place !== undefined && place.unlogged > 0)) return unloggedReason;
    return undefined;
  }

  #byContent(stream: StreamName): Place | undefined {
    const count = this.#isWhole && this.#taken.isExact ? this.#taken[stream] : undefined;
    return findPlace(this.#marks[stream], this.#scan[stream], count);
  }

  /**
   * Of a stream that none of the lines compared is of: what was printed before the first of those was taken with it. A
   * stream that has printed nothing has nothing before them either.
   */
  #byOther(stream: StreamName, other: StreamName): Place | undefined {
    const place = this.#places[other];
    if (place === undefined || place.overlap === 0 || this.#marks[stream].keys.length > 0) return undefined;
    const first = this.#scan[other].records[place.at - place.overlap] as number;
    const at = this.#taken[stream] === 0 ? 0 : this.#scan.linesUpTo(stream, first);
    return { at, overlap: 0, unlogged: 0, isCertain: place.isCertain };
  }
}
