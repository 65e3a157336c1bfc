// Ends of engines that are not told yet, written down: a worker that is killed before it has told what one has cost leaves
// that to the next one. Times are kept by the wall clock, because `performance.now()` begins anew with each process.
import type { Notes } from "../sources/notes.ts";
import type { Cut } from "./engine-cut.ts";

export class CutNotes {
  readonly #notes: Notes;

  constructor(notes: Notes) {
    this.#notes = notes;
  }

  save(handle: string, cut: Cut): void {
    this.#notes.note(noteKey(handle), moved(cut, wallAheadMs()));
  }

  /** Returns what an earlier worker has left; undefined: nothing. */
  load(handle: string): Cut | undefined {
    const noted = this.#notes.noted(noteKey(handle)) as Partial<Cut> | undefined;
    // A note of the version before has no known place in the log.
    if (noted?.id === undefined) return undefined;
    return moved(noted as Cut, -wallAheadMs());
  }

  /** Names the engine that a container is read from now. */
  saveEngine(handle: string, traceId: string): void {
    this.#notes.note(engineKeyOf(handle), traceId);
  }

  /** Returns the name of the engine that it was read from; undefined: it never was. */
  loadEngine(handle: string): string | undefined {
    return this.#notes.noted(engineKeyOf(handle)) as string | undefined;
  }

  forget(handle: string): void {
    this.#notes.forget(noteKey(handle));
  }

  forgetAll(handle: string): void {
    this.forget(handle);
    this.#notes.forget(engineKeyOf(handle));
  }
}

const noteKey = (handle: string): string => `engine ended under ${handle}`;
const engineKeyOf = (handle: string): string => `engine of ${handle}`;
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
