// Where the reader of an adopted run stands in the engine's log, kept now and then, so that a worker that is killed goes
// on there. A place says: these lines of ours end there. Which of our lines outlive a kill is not known beforehand, so
// several places are kept, and of these the newest counts that is not beyond the lines that are there; what follows it
// is read again and skipped, line by line.
import { placeEveryBytes, placeEveryMs, placesKept } from "../../base/limits.ts";
import type { LogPlace } from "../../engine/sources/engine-log.ts";
import type { TaskRecords } from "../tasks/task-records.ts";

export interface ReadingPlace {
  place: LogPlace;
  /** The number of the last line before it. */
  seq: number;
}

export class ReadingPlaces {
  readonly #records: TaskRecords;
  readonly #key: string;
  readonly #everyBytes: number;
  #places: ReadingPlace[];
  #savedMs = performance.now();
  #bytes = 0;

  /** `everyBytes`: a place is kept after so many. */
  constructor(records: TaskRecords, taskId: string, everyBytes = placeEveryBytes) {
    this.#records = records;
    this.#everyBytes = everyBytes;
    this.#key = keyOf(taskId);
    this.#places = (records.noted(this.#key) as ReadingPlace[] | undefined) ?? [];
  }

  /**
   * The newest that our lines reach; undefined: none. Those beyond are forgotten: where lines are missing, their numbers
   * may soon be those of others.
   */
  backTo(seq: number): ReadingPlace | undefined {
    const reached = this.#places.filter((place) => place.seq <= seq);
    if (reached.length < this.#places.length) this.#records.note(this.#key, reached);
    this.#places = reached;
    return reached.at(-1);
  }

  /** Read up to here, where no line is unfinished. It is kept when it is time for one, and the first one always. */
  reached(place: LogPlace, seq: number): void {
    const nowMs = performance.now();
    if (this.#places.length > 0 && this.#bytes < this.#everyBytes && nowMs - this.#savedMs < placeEveryMs)
      return;
    this.#savedMs = nowMs;
    this.#bytes = 0;
    this.#places = [...this.#places.filter((known) => known.seq < seq), { place, seq }].slice(-placesKept);
    this.#records.note(this.#key, this.#places);
  }

  /** So many have been read. */
  count(bytes: number): void {
    this.#bytes += bytes;
  }

  static forget(records: TaskRecords, taskId: string): void {
    records.forget(keyOf(taskId));
  }
}

function keyOf(taskId: string): string {
  return `places of ${taskId}`;
}
