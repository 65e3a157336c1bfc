// The place of a run's reader in the engine's log is kept now and then, so that a worker that is killed goes on
// there. A place says: these lines of ours end there. Which of our lines outlive a kill is not known beforehand, so
// several places are kept, and of these the newest counts that is not beyond the lines that are there; what follows
// it is read again and skipped, line by line.
//
// A gap that the reader itself puts between two records has no line in the log that could be counted. So its place is kept
// before it is told, with the numbers that it and the pieces of lines before it will have.
import type { StreamName } from "../../log/line-batch.ts";
import type { LogPlace } from "./engine-log.ts";

/**
 * The distance between two kept places in the engine's log, in bytes and ms, and their number: they are written
 * seldom enough to cost nothing, and what lies between two is read again in a moment.
 */
const placeEveryBytes = 256 * 1024;
const placeEveryMs = 1_000;
const placesKept = 8;

/** Small values by their keys that outlive the process. */
export interface Notes {
  note(key: string, value: unknown): void;
  noted(key: string): unknown;
  forget(key: string): void;
}

export interface ReadingPlace {
  /** The place in the log; absent means its beginning. */
  place?: LogPlace | undefined;
  /** The number of the last line before it. */
  seq: number;
  /** The number of records behind `place` that are before it, too. */
  records?: number;
  /** The streams whose next line may lack its beginning. */
  cut?: StreamName[];
  /** The gap that ends with `seq`, and the number of the last line before it and the pieces beside it. */
  gap?: { reason: string; afterSeq: number; cutId: string };
}

export class ReadingPlaces {
  readonly #notes: Notes;
  readonly #key: string;
  readonly #everyBytes: number;
  #places: ReadingPlace[];
  #savedMs = performance.now();
  #bytes = 0;

  /** `id` names the run. `everyBytes`: a place is kept after so many. */
  constructor(notes: Notes, id: string, everyBytes = placeEveryBytes) {
    this.#notes = notes;
    this.#everyBytes = everyBytes;
    this.#key = placesKey(id);
    this.#places = (notes.noted(this.#key) as ReadingPlace[] | undefined) ?? [];
  }

  /**
   * Returns the newest that our lines reach; undefined: none. Those beyond are forgotten: where lines are missing, their
   * numbers may soon be those of others.
   */
  backTo(seq: number): ReadingPlace | undefined {
    const reached = this.#places.filter((place) => place.seq <= seq || (place.gap?.afterSeq ?? seq) < seq);
    if (reached.length < this.#places.length) this.#notes.note(this.#key, reached);
    this.#places = reached;
    return reached.at(-1);
  }

  /** True if the gap of this engine's end is kept, and our lines reach it. */
  hasTold(cutId: string, seq: number): boolean {
    return this.#places.some(({ gap }) => gap?.cutId === cutId && gap.afterSeq < seq);
  }

  /** Read up to here, where no line is unfinished. It is kept when it is time for one, and the first one always. */
  reached(place: LogPlace, seq: number, cut: StreamName[] = []): void {
    const nowMs = performance.now();
    if (this.#places.length > 0 && this.#bytes < this.#everyBytes && nowMs - this.#savedMs < placeEveryMs)
      return;
    this.keep({ place, seq, ...(cut.length > 0 && { cut }) });
  }

  /** Keeps a place at once. */
  keep(place: ReadingPlace): void {
    this.#savedMs = performance.now();
    this.#bytes = 0;
    this.#places = [...this.#places.filter(({ seq }) => seq < place.seq), place].slice(-placesKept);
    this.#notes.note(this.#key, this.#places);
  }

  /** Counts bytes that have been read. */
  count(bytes: number): void {
    this.#bytes += bytes;
  }

  static forget(notes: Notes, id: string): void {
    notes.forget(placesKey(id));
  }
}

function placesKey(id: string): string {
  return `places of ${id}`;
}
