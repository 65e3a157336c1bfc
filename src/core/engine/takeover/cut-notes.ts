// Cuts that are not told yet, written down: a worker that is killed before it has told what an engine's end has cost leaves
// that to the next one. Times are kept by the wall clock, because `performance.now()` begins anew with each process.
import type { Taken } from "../output.ts";
import type { Cut } from "./engine-cut.ts";

/** Small values by their keys that outlive the process. */
export interface Notes {
  note(key: string, value: unknown): void;
  noted(key: string): unknown;
  forget(key: string): void;
}

export class CutNotes {
  readonly #notes: Notes | undefined;

  constructor(notes: Notes | undefined) {
    this.#notes = notes;
  }

  save(handle: string, cut: Cut): void {
    this.#notes?.note(keyOf(handle), moved(cut, wallAheadMs()));
  }

  /** Of an earlier worker; undefined: there was none, or lines behind it are stored, before which it was told. */
  load(handle: string, { lastStamp }: Taken): Cut | undefined {
    const noted = this.#notes?.noted(keyOf(handle)) as Cut | undefined;
    if (noted === undefined) return undefined;
    if (lastStamp !== undefined && lastStamp.seconds * 1000 + lastStamp.nanos / 1e6 > noted.toMs)
      return undefined;
    return moved(noted, -wallAheadMs());
  }

  forget(handle: string): void {
    this.#notes?.forget(keyOf(handle));
  }
}

const keyOf = (handle: string): string => `engine ended under ${handle}`;
const wallAheadMs = (): number => Date.now() - performance.now();

/** The same by a clock that is so far ahead. */
function moved(cut: Cut, aheadMs: number): Cut {
  const [least, most] = cut.memory?.aheadMs ?? [0, 0];
  return {
    ...cut,
    fromMs: cut.fromMs + aheadMs,
    toMs: cut.toMs + aheadMs,
    memory: cut.memory && { ...cut.memory, aheadMs: [least - aheadMs, most - aheadMs] },
  };
}
