// The elements of the rows that are drawn, by key: kept as long as their row is the same, in the order of their keys.
import type { RowSource } from "../log/row-source.ts";
import type { Row } from "../model/line.ts";

export interface RowBuilder {
  build(key: number, row: Row): HTMLElement;
  /** Returns what the element shows besides its row: when it changes, the row is built anew. */
  stamp(key: number, row: Row): string;
}

interface Built {
  readonly element: HTMLElement;
  readonly row: Row;
  readonly stamp: string;
  height: number;
}

export class RowElements {
  readonly #place: HTMLElement;
  readonly #builder: RowBuilder;
  readonly #built = new Map<number, Built>();

  constructor(place: HTMLElement, builder: RowBuilder) {
    this.#place = place;
    this.#builder = builder;
  }

  /** Returns the height measured last, in px; undefined if the row is not drawn. */
  heightOf(key: number): number | undefined {
    return this.#built.get(key)?.height;
  }

  get(key: number): HTMLElement | undefined {
    return this.#built.get(key)?.element;
  }

  *entries(): Iterable<[number, HTMLElement]> {
    for (const [key, { element }] of this.#built) yield [key, element];
  }

  clear(): void {
    this.#place.replaceChildren();
    this.#built.clear();
  }

  /** Draws exactly these rows; `keys` ascend. */
  show(source: RowSource, keys: readonly number[], estimatePx: number): void {
    const wanted = new Set(keys);
    for (const [key, { element }] of this.#built) {
      if (wanted.has(key)) continue;
      element.remove();
      this.#built.delete(key);
    }
    let next: Element | null = this.#place.firstElementChild;
    for (const key of keys) {
      const row = source.row(key);
      const stamp = this.#builder.stamp(key, row);
      let built = this.#built.get(key);
      if (built === undefined || built.row !== row || built.stamp !== stamp) {
        const element = this.#builder.build(key, row);
        if (built?.element === next) next = next?.nextElementSibling ?? null;
        built?.element.remove();
        built = { element, row, stamp, height: built?.height ?? estimatePx };
        this.#built.set(key, built);
      }
      if (built.element === next) next = next.nextElementSibling;
      else this.#place.insertBefore(built.element, next);
    }
  }

  /** Reads the heights of what is drawn; one layout for all. */
  measure(): void {
    for (const built of this.#built.values()) built.height = built.element.offsetHeight;
  }
}
