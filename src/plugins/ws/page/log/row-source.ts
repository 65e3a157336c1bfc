// The interface between the virtual list and what it shows: rows under ascending whole numbers (keys), with holes
// allowed, and a position of each in the whole, in rows, for the scroll bar. A source answers at once from what it
// has; what it has not is "waiting", and a change is told when it has come.
import type { Row } from "../model/line.ts";

export interface RowSource {
  /** Rows of the whole, as far as it is known. */
  readonly extent: number;
  /** A place in the whole, in rows, 0 to `extent`. */
  positionOf(key: number): number;
  /** The key of the row at or next to a place; undefined: there are no rows. */
  keyAt(position: number): number | undefined;
  firstKey(): number | undefined;
  lastKey(): number | undefined;
  next(key: number): number | undefined;
  prev(key: number): number | undefined;
  row(key: number): Row;
  /** These rows are on the screen: get them, and what is around them. */
  want(fromKey: number, toKey: number): void;
  /** Goes to a place that may not be loaded. Resolves to the key there. */
  seek(key: number): Promise<number | undefined>;
  /** Goes to the beginning. Resolves to the key of the first row. */
  seekStart(): Promise<number | undefined>;
  /** Goes to the end. */
  seekEnd(): Promise<void>;
  readonly changes: Changes;
  close(): void;
}

/** Tells listeners that something is new, never what. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
