// The virtual list: shows the rows around an anchor, a row and the px of it above the edge. What is on the screen always
// follows from the anchor, never from the scroll bar's place, so rows of any height and logs of any length scroll by the
// pixel. It knows neither what a row says nor how it is got.
import type { RowSource } from "../log/row-source.ts";
import { type RowBuilder, RowElements } from "./row-elements.ts";
import { ScrollBar } from "./scroll-bar.ts";
import { type Anchor, moveBy, type RowWalk, scrollHeight, toPosition, toScrollTop } from "./scroll-scale.ts";

export interface ViewportElements {
  readonly scroller: HTMLElement;
  readonly spacer: HTMLElement;
  readonly layer: HTMLElement;
  readonly rows: HTMLElement;
}

export interface DrawnView {
  readonly follow: boolean;
  /** It is not followed while text of it is selected. */
  readonly paused: boolean;
  readonly firstKey: number | undefined;
  readonly lastKey: number | undefined;
}

/** Rows are drawn this far beyond the edges, and while the end is followed, where each frame may bring others only. */
const overscanPx = 500;
const followOverscanPx = 100;

export class Viewport {
  readonly #elements: ViewportElements;
  readonly #rows: RowElements;
  readonly #bar: ScrollBar;
  readonly #drawn: (view: DrawnView) => void;
  readonly #sizes: ResizeObserver;
  #source: RowSource;
  #unlisten: () => void;
  #anchor: Anchor | undefined;
  #follow = true;
  /** Following goes on when no text is selected any more. */
  #paused = false;
  /** Whoever scrolls down to the end follows it from there on. */
  #wentDown = false;
  #rowHeight = 20;
  #viewHeight = 0;
  #frame = 0;

  /** `drawn` is told after every drawing what is on the screen. */
  constructor(
    source: RowSource,
    elements: ViewportElements,
    builder: RowBuilder,
    drawn: (view: DrawnView) => void,
  ) {
    this.#source = source;
    this.#elements = elements;
    this.#drawn = drawn;
    this.#rows = new RowElements(elements.rows, builder);
    this.#unlisten = source.changes.listen(this.schedule);
    this.#bar = new ScrollBar(elements.scroller, elements.spacer, {
      move: (delta) => this.#move(delta),
      jump: (scrollTop) => this.#jump(scrollTop),
      rest: () => this.#align(),
    });
    this.#sizes = new ResizeObserver(() => this.#resized());
    this.#sizes.observe(elements.scroller);
    document.addEventListener("selectionchange", this.#selected);
    this.#resized();
  }

  close(): void {
    this.#unlisten();
    this.#sizes.disconnect();
    document.removeEventListener("selectionchange", this.#selected);
    this.#bar.close();
    cancelAnimationFrame(this.#frame);
  }

  /** Shows another source, from its end. */
  show(source: RowSource): void {
    this.#unlisten();
    this.#source = source;
    this.#unlisten = source.changes.listen(this.schedule);
    this.#follow = true;
    this.#anchor = undefined;
    this.rebuild();
  }

  followEnd(): void {
    this.#follow = true;
    this.#paused = false;
    void this.#source.seekEnd();
    this.schedule();
  }

  stopFollowing(): void {
    this.#follow = false;
    this.#paused = false;
    this.#wentDown = false;
    this.schedule();
  }

  /** Brings a row on the screen, a third from the top; one that is there already stays where it is. */
  async reveal(key: number): Promise<void> {
    this.stopFollowing();
    const there = this.#rows.get(key)?.getBoundingClientRect();
    const view = this.#elements.scroller.getBoundingClientRect();
    const inside = there !== undefined && there.top >= view.top + 24 && there.bottom <= view.bottom - 24;
    if (inside) return;
    const found = await this.#source.seek(key);
    if (found === undefined) return;
    this.#anchor = moveBy({ key: found, offset: 0 }, -this.#viewHeight / 3, this.#walk);
    this.schedule();
  }

  async toStart(): Promise<void> {
    this.stopFollowing();
    const first = await this.#source.seekStart();
    if (first !== undefined) this.#anchor = { key: first, offset: 0 };
    this.schedule();
  }

  /** Builds every row anew: how rows look has changed. */
  rebuild(): void {
    this.#rows.clear();
    this.schedule();
  }

  /** The elements on the screen and around it, by key. */
  elements(): Iterable<[number, HTMLElement]> {
    return this.#rows.entries();
  }

  schedule = (): void => {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  };

  readonly #walk: RowWalk = {
    next: (key) => this.#source.next(key),
    prev: (key) => this.#source.prev(key),
    heightOf: (key) => Math.max(1, this.#rows.heightOf(key) ?? this.#rowHeight),
  };

  #move(delta: number): void {
    this.#wentDown = delta > 0;
    if (delta < 0) this.#follow = false;
    this.#paused = false;
    if (this.#anchor !== undefined && !this.#follow) this.#anchor = moveBy(this.#anchor, delta, this.#walk);
    this.schedule();
  }

  /** Rows that scroll away take the selection with them, so they stay while there is one. */
  readonly #selected = (): void => {
    const selection = document.getSelection();
    const isHere =
      selection !== null && !selection.isCollapsed && this.#elements.rows.contains(selection.anchorNode);
    if (isHere && this.#follow) {
      this.stopFollowing();
      this.#paused = true;
    } else if (!isHere && this.#paused) this.followEnd();
  };

  #jump(scrollTop: number): void {
    if (scrollTop >= this.#bar.end - 1) return void this.followEnd();
    this.stopFollowing();
    const position = toPosition(scrollTop, this.#source.extent, this.#rowHeight, this.#viewHeight);
    const key = this.#source.keyAt(position);
    if (key !== undefined) this.#anchor = { key, offset: (position % 1) * this.#rowHeight };
    void this.#source.seek(Math.floor(position) + 1);
  }

  /** Puts the bar where the rows are. */
  #align(): void {
    if (this.#anchor === undefined) return;
    const { key, offset } = this.#anchor;
    const position = this.#source.positionOf(key) + offset / this.#walk.heightOf(key);
    const top = toScrollTop(position, this.#source.extent, this.#rowHeight, this.#viewHeight);
    this.#bar.top = this.#follow ? this.#bar.end : top;
  }

  #resized(): void {
    const { scroller, layer } = this.#elements;
    this.#viewHeight = scroller.clientHeight;
    layer.style.height = `${this.#viewHeight}px`;
    const height = Number.parseFloat(getComputedStyle(scroller).lineHeight);
    if (height > 0) this.#rowHeight = height;
    this.schedule();
  }

  #draw(): void {
    this.#frame = 0;
    this.#bar.height = scrollHeight(this.#source.extent, this.#rowHeight, this.#viewHeight);
    const last = this.#source.lastKey();
    if (last === undefined) {
      this.#rows.clear();
      this.#drawn({ follow: this.#follow, paused: this.#paused, firstKey: undefined, lastKey: undefined });
      return;
    }
    this.#anchor = this.#settled(last);
    // Twice at most: the first time, real heights may show that the end has been passed.
    for (let attempt = 0; attempt < 2 && this.#drawAround(this.#anchor as Anchor); attempt += 1) {}
    const view = this.#visible(this.#anchor as Anchor);
    this.#drawn({ follow: this.#follow, paused: this.#paused, ...view });
    this.#source.want(view.firstKey, view.lastKey);
    if (this.#follow) this.#bar.top = this.#bar.end;
    else if (this.#bar.resting) this.#align();
  }

  /** The anchor as it must be now: at the end when following, and on a row that is one of its own still. */
  #settled(last: number): Anchor {
    if (this.#follow || this.#anchor === undefined) {
      return moveBy({ key: last, offset: this.#walk.heightOf(last) - 1 }, -this.#viewHeight, this.#walk);
    }
    const key = this.#source.keyAt(this.#source.positionOf(this.#anchor.key)) ?? last;
    return key === this.#anchor.key ? this.#anchor : { key, offset: 0 };
  }

  /** Draws; true: the anchor had to be corrected by more than what is drawn covers. */
  #drawAround(anchor: Anchor): boolean {
    const { next, prev, heightOf } = this.#walk;
    const above: number[] = [];
    let px = anchor.offset - (this.#follow ? followOverscanPx : overscanPx);
    for (let key = prev(anchor.key); key !== undefined && px < 0; key = prev(key)) {
      above.push(key);
      px += heightOf(key);
    }
    const keys = [...above.reverse(), anchor.key];
    px = heightOf(anchor.key) - anchor.offset - this.#viewHeight - overscanPx;
    for (let key = next(anchor.key); key !== undefined && px < 0; key = next(key)) {
      keys.push(key);
      px += heightOf(key);
    }
    this.#rows.show(this.#source, keys, this.#rowHeight);
    this.#rows.measure();
    return this.#put(anchor, keys);
  }

  /** Moves the drawn rows into place, the last row at the lower edge at most. */
  #put(anchor: Anchor, keys: readonly number[]): boolean {
    const { next, prev, heightOf } = this.#walk;
    const first = keys[0] as number;
    let [before, after] = [0, 0];
    for (const key of keys) {
      if (key < anchor.key) before += heightOf(key);
      else after += heightOf(key);
    }
    const offset = Math.min(anchor.offset, heightOf(anchor.key) - 1);
    const spare = this.#viewHeight - (after - offset);
    const atEnd = next(keys.at(-1) as number) === undefined;
    let shift = before + offset;
    if (atEnd && (spare > 0 || this.#follow)) {
      shift -= spare;
      if (prev(first) === undefined) shift = Math.max(0, shift);
      this.#anchor = moveBy({ key: first, offset: 0 }, Math.max(0, shift), this.#walk);
    } else this.#anchor = { key: anchor.key, offset };
    if (atEnd && spare >= -1 && this.#wentDown) {
      this.#follow = true;
      this.#wentDown = false;
    }
    this.#elements.rows.style.transform = `translateY(${-Math.round(shift)}px)`;
    return shift < 0;
  }

  #visible(anchor: Anchor): { firstKey: number; lastKey: number } {
    const { next, heightOf } = this.#walk;
    let lastKey = anchor.key;
    let px = heightOf(anchor.key) - anchor.offset - this.#viewHeight;
    for (let key = next(lastKey); key !== undefined && px < 0; key = next(key)) {
      lastKey = key;
      px += heightOf(key);
    }
    return { firstKey: anchor.key, lastKey };
  }
}
