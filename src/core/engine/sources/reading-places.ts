// The place of a run's reader in the engine's log is kept now and then, so that a worker that is killed goes on
// there. A place says: these lines of ours end there. Which of our lines outlive a kill is not known beforehand, so
// several places are kept, and of these the newest counts that is not beyond the lines that are there; what follows
// it is read again and skipped, line by line.
//
// A gap that the reader itself puts between two records has no line in the log that could be counted. So its place is kept
// before it is told, with the numbers that it and the pieces of lines before it will have. One that did not outlive a kill is
// told again before the same record: the cut that it tells of is in no log.
import type { Stamp } from "../../base/stamp.ts";
import type { StreamName } from "../../log/line-batch.ts";
import { DueGaps } from "./due-gaps.ts";
import type { LogPlace } from "./engine-log.ts";
import type { Notes } from "./notes.ts";

/**
 * The distance between two kept places in the engine's log, in bytes and ms, and their number: they are written
 * seldom enough to cost nothing, and what lies between two is read again in a moment. Nobody knows how many lines still
 * wait for a slow disk, so the older places are kept at growing distances, and the first one always.
 */
const placeEveryBytes = 256 * 1024;
const placeEveryMs = 1_000;
const placesKeptMax = 16;

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
  gap?: { reason: string; afterSeq: number; cutId: string; before?: Stamp | undefined };
}

export class ReadingPlaces {
  readonly #notes: Notes;
  readonly #key: string;
  readonly #everyBytes: number;
  /** Gaps that are to be told again. */
  readonly due: DueGaps;
  #places: ReadingPlace[];
  #savedMs = performance.now();
  #bytes = 0;

  /** `id` names the run. `everyBytes`: a place is kept after so many. */
  constructor(notes: Notes, id: string, everyBytes = placeEveryBytes) {
    this.#notes = notes;
    this.#everyBytes = everyBytes;
    this.#key = placesKey(id);
    this.#places = (notes.noted(this.#key) as ReadingPlace[] | undefined) ?? [];
    this.due = new DueGaps(notes, id);
  }

  /**
   * Returns the newest that our lines reach; undefined: none. Those beyond are forgotten: where lines are missing, their
   * numbers may soon be those of others. The engines' ends among them are due again.
   */
  backTo(seq: number): ReadingPlace | undefined {
    const reached = this.#places.filter((place) => place.seq <= seq || (place.gap?.afterSeq ?? seq) < seq);
    const beyond = this.#places.flatMap(({ gap }) => (gap?.cutId && gap.afterSeq >= seq ? [gap] : []));
    const due = beyond.map(({ reason, cutId, before }) => ({ reason, cutId, before }));
    this.due.goBack(seq, reached.at(-1)?.seq ?? 0, due);
    if (reached.length < this.#places.length) this.#notes.note(this.#key, reached);
    this.#places = reached;
    return reached.at(-1);
  }

  /** True if this engine's end needs nobody else to tell it: its gap is stored, or due. */
  knows(cutId: string): boolean {
    return this.due.has(cutId) || this.#places.some(({ gap }) => gap?.cutId === cutId);
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
    this.#places = thinned([...this.#places.filter(({ seq }) => seq < place.seq), place]);
    this.#notes.note(this.#key, this.#places);
  }

  /** Counts bytes that have been read. */
  count(bytes: number): void {
    this.#bytes += bytes;
  }

  static forget(notes: Notes, id: string): void {
    notes.forget(placesKey(id));
    DueGaps.forget(notes, id);
  }
}

/**
 * Leaves out the place without which the distances still grow most evenly towards the older ones. The first one stays, and
 * so does one with a gap: whoever counts lines from an earlier place would count its number as a line.
 */
function thinned(places: ReadingPlace[]): ReadingPlace[] {
  if (places.length <= placesKeptMax) return places;
  const newest = places.at(-1)?.seq ?? 0;
  let least = { at: -1, share: Number.POSITIVE_INFINITY };
  for (let at = 1; at < places.length - 1; at++) {
    const [before, place, after] = places.slice(at - 1, at + 2) as [ReadingPlace, ReadingPlace, ReadingPlace];
    const share = (after.seq - before.seq) / (newest - before.seq);
    if (place.gap === undefined && share < least.share) least = { at, share };
  }
  // Nothing but gaps: the oldest lines are stored by now.
  return least.at === -1 ? places.slice(1) : places.toSpliced(least.at, 1);
}

function placesKey(id: string): string {
  return `places of ${id}`;
}
