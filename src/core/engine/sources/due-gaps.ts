// Engines' ends that a worker has told, and that did not come to its disk before it was killed. No log shows them, so each is
// kept with the stamp of the record behind it, and whoever reads there again tells it again. The same holds for the
// beginning of a line that is in a worker's memory only: who finds the rest of the line without it tells that.
import { isSameStamp, type Stamp } from "../../base/stamp.ts";
import type { StreamName } from "../../log/line-batch.ts";
import { recordStamp } from "../records/line-joiner.ts";
import type { LogRecord } from "../records/record-format.ts";
import type { Notes } from "./notes.ts";

interface DueGap {
  reason: string;
  cutId: string;
  /** The stamp of the record behind it; undefined: there was none. */
  before?: Stamp | undefined;
  /** It is to be told only if the line of one of these that goes on there was not stored whole. */
  streams?: StreamName[] | undefined;
  /** With `streams`: the number of the last line before it. */
  afterSeq?: number;
}

export class DueGaps {
  readonly #notes: Notes;
  readonly #key: string;
  #gaps: DueGap[];
  /** Those whose places have been reached. */
  #reached: DueGap[] = [];
  /** Those that are due only for a later reader. */
  readonly #left: DueGap[] = [];

  constructor(notes: Notes, id: string) {
    this.#notes = notes;
    this.#key = keyOf(id);
    this.#gaps = (notes.noted(this.#key) as DueGap[] | undefined) ?? [];
  }

  /** `seq`: the last line that is stored; `placeSeq`: the place to go on from; `beyond`: gaps that were not stored. */
  goBack(seq: number, placeSeq: number, beyond: readonly DueGap[]): void {
    const isNew = ({ cutId }: DueGap): boolean => beyond.every((gap) => gap.cutId !== cutId);
    const gaps = this.#gaps.filter((gap) => (gap.afterSeq ?? seq) >= placeSeq && isNew(gap));
    if (beyond.length > 0 || gaps.length < this.#gaps.length) this.#keep([...beyond, ...gaps]);
  }

  has(cutId: string): boolean {
    return [...this.#gaps, ...this.#left].some((gap) => gap.cutId === cutId);
  }

  /** Leaves to a later reader what is in the memory of this one only. */
  leave(gap: DueGap): void {
    this.#left.push(gap);
    this.#keep(this.#gaps);
  }

  /** Looks at the next record. Returns true if there are gaps to tell before it, unless lines that are stored follow. */
  reaches(record: LogRecord): boolean {
    for (const gap of this.#gaps) {
      if (isSameStamp(recordStamp(record), gap.before) && !this.#reached.includes(gap))
        this.#reached.push(gap);
    }
    return this.#reached.length > 0;
  }

  /** A line that is stored was whole: that its beginning is gone needs not be told. */
  hasWhole(stream: StreamName): void {
    for (const gap of this.#reached) {
      gap.streams = gap.streams?.filter((other) => other !== stream);
      if (gap.streams?.length === 0) this.drop(gap);
    }
  }

  /** The log has ended: those with a place in it that did not come are to be told, too. */
  reachEnd(): void {
    this.#reached = this.#gaps.filter((gap) => gap.streams === undefined || this.#reached.includes(gap));
  }

  /** Returns those to be told here. Drop each when its place is kept. */
  get reached(): readonly DueGap[] {
    return this.#reached;
  }

  drop(gap: DueGap): void {
    this.#reached = this.#reached.filter((other) => other !== gap);
    this.#keep(this.#gaps.filter((other) => other !== gap));
  }

  #keep(gaps: DueGap[]): void {
    this.#gaps = gaps;
    this.#notes.note(this.#key, [...gaps, ...this.#left]);
  }

  static forget(notes: Notes, id: string): void {
    notes.forget(keyOf(id));
  }
}

const keyOf = (id: string): string => `gaps due in ${id}`;
