// The virtual list: shows the rows around an anchor, a row and the px of it above the edge. What is on the screen always
// follows from the anchor, never from the scroll bar's place, so rows of any height and logs of any length scroll by the
// pixel; the bar is brought in line when scrolling rests. Rows are built by the caller.
import type { RowSource } from "../log/row-source.ts";
import type { Row } from "../model/line.ts";
import { type Anchor, moveBy, type RowWalk, scrollHeight, toPosition, toScrollTop } from "./scroll-scale.ts";

export interface ViewportOptions {
  readonly scroller: HTMLElement;
  readonly spacer: HTMLElement;
  readonly layer: HTMLElement;
  readonly rows: HTMLElement;
  build(key: number, row: Row): HTMLElement;
  /** After every drawing: what is on the screen. */
  drawn(view: DrawnView): void;
}

export interface DrawnView {
  readonly follow: boolean;
  readonly firstKey: number | undefined;
  readonly lastKey: number | undefined;
}

interface Built {
  readonly element: HTMLElement;
  readonly row: Row;
  height: number;
}

/** Rows are drawn this far beyond the edges, and the bar is corrected after this much rest. */
const overscanPx = 500;
const restMs = 140;
/** After a wheel turn or a touch, scrolling is by pixels for this long. */
const handMs = 400;

export class Viewport {
  readonly #options: ViewportOptions;
  readonly #built = new Map<number, Built>();
  readonly #sizes: ResizeObserver;
  #source: RowSource;
  #unlisten: () => void;
  #anchor: Anchor | undefined;
  #follow = true;
  #rowHeight = 20;
  #viewHeight = 0;
  #lastTop = 0;
  #handAt = 0;
  #barHeld = false;
  /** Whoever scrolls down to the end follows it from there on. */
  #wentDown = false;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(source: RowSource, options: ViewportOptions) {
    this.#source = source;
    this.#options = options;
    this.#unlisten = source.changes.listen(() => this.schedule());
    const { scroller } = options;
    scroller.addEventListener("scroll", this.#scrolled, { passive: true });
    scroller.addEventListener("wheel", this.#turned, { passive: true });
    scroller.addEventListener("touchmove", this.#touched, { passive: true });
    scroller.addEventListener("pointerdown", this.#pressed);
    addEventListener("pointerup", this.#released);
    this.#sizes = new ResizeObserver(() => this.#resized());
    this.#sizes.observe(scroller);
    this.#resized();
  }

  close(): void {
    this.#unlisten();
    this.#sizes.disconnect();
    clearTimeout(this.#rest);
    cancelAnimationFrame(this.#frame);
    removeEventListener("pointerup", this.#released);
  }

  get follow(): boolean {
    return this.#follow;
  }

  /** Shows another source from its end, or from `key`. */
  show(source: RowSource, key?: number): void {
    this.#unlisten();
    this.#source = source;
    this.#unlisten = source.changes.listen(() => this.schedule());
    this.#follow = key === undefined;
    this.#anchor = key === undefined ? undefined : { key, offset: 0 };
    this.rebuild();
  }

  followEnd(): void {
    this.#follow = true;
    void this.#source.seekEnd();
    this.schedule();
  }

  stopFollowing(): void {
    this.#follow = false;
    this.#wentDown = false;
    this.schedule();
  }

  /** Brings a row on the screen, a third from the top; one that is there already stays where it is. */
  async reveal(key: number): Promise<void> {
    this.stopFollowing();
    const there = this.#built.get(key)?.element.getBoundingClientRect();
    const view = this.#options.scroller.getBoundingClientRect();
    const inside = there !== undefined && there.top >= view.top + 24 && there.bottom <= view.bottom - 24;
    if (inside) return this.schedule();
    const found = await this.#source.seek(key);
    if (found === undefined) return;
    this.#anchor = moveBy({ key: found, offset: 0 }, -this.#viewHeight / 3, this.#walk);
    this.schedule();
  }

  toStart(): void {
    this.stopFollowing();
    void this.#source.seek(1).then((key) => {
      const first = key ?? this.#source.firstKey();
      if (first !== undefined) this.#anchor = { key: first, offset: 0 };
      this.schedule();
    });
  }

  /** Builds every row anew: how rows look has changed. */
  rebuild(): void {
    for (const { element } of this.#built.values()) element.remove();
    this.#built.clear();
    this.#options.rows.style.minWidth = "100%";
    this.schedule();
  }

  /** The elements on the screen and around it, by key. */
  *elements(): Iterable<[number, HTMLElement]> {
    for (const [key, { element }] of this.#built) yield [key, element];
  }

  schedule = (): void => {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  };

  readonly #walk: RowWalk = {
    next: (key) => this.#source.next(key),
    prev: (key) => this.#source.prev(key),
    heightOf: (key) => this.#built.get(key)?.height ?? this.#rowHeight,
  };

  #scrolled = (): void => {
    const { scroller } = this.#options;
    const top = scroller.scrollTop;
    const delta = top - this.#lastTop;
    this.#lastTop = top;
    if (Math.abs(delta) < 0.5) return;
    this.#wentDown = delta > 0;
    if (!this.#wentDown) this.#follow = false;
    const byHand = performance.now() - this.#handAt < handMs && !this.#barHeld;
    if (byHand || Math.abs(delta) <= this.#viewHeight * 1.5) this.#move(delta);
    else this.#jump(top);
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.#align();
    }, restMs);
    this.schedule();
  };

  #move(delta: number): void {
    if (this.#anchor !== undefined) this.#anchor = moveBy(this.#anchor, delta, this.#walk);
  }

  #jump(top: number): void {
    const { scroller } = this.#options;
    if (top >= scroller.scrollHeight - this.#viewHeight - 1) return this.followEnd();
    const position = toPosition(top, this.#source.extent, this.#rowHeight, this.#viewHeight);
    const key = this.#source.keyAt(position);
    if (key === undefined) return;
    this.#anchor = { key, offset: (position % 1) * this.#rowHeight };
    void this.#source.seek(Math.floor(position) + 1);
  }

  /** Puts the bar where the anchor is. */
  #align(): void {
    if (this.#barHeld || this.#anchor === undefined) return;
    const { key, offset } = this.#anchor;
    const { scroller } = this.#options;
    const position = this.#source.positionOf(key) + offset / this.#heightOf(key);
    const { extent } = this.#source;
    const end = scroller.scrollHeight - this.#viewHeight;
    const top = this.#follow ? end : toScrollTop(position, extent, this.#rowHeight, this.#viewHeight);
    if (Math.abs(top - scroller.scrollTop) >= 1) scroller.scrollTop = top;
    this.#lastTop = scroller.scrollTop;
  }

  #heightOf(key: number): number {
    return Math.max(1, this.#walk.heightOf(key));
  }

  #turned = ({ deltaY }: WheelEvent): void => {
    this.#handAt = performance.now();
    if (deltaY < 0) this.#follow = false;
    this.#unstick(deltaY);
  };

  #touched = (): void => {
    this.#handAt = performance.now();
  };

  /** On a scale the bar may reach its end before the rows do: then it is put right at once, or the wheel would stop. */
  #unstick(delta: number): void {
    const { scroller } = this.#options;
    const end = scroller.scrollHeight - this.#viewHeight;
    if ((delta < 0 && scroller.scrollTop <= 1) || (delta > 0 && scroller.scrollTop >= end - 1)) this.#align();
  }

  #pressed = ({ offsetX, target }: PointerEvent): void => {
    this.#barHeld = target === this.#options.scroller && offsetX >= this.#options.scroller.clientWidth;
  };

  #released = (): void => {
    if (!this.#barHeld) return;
    this.#barHeld = false;
    this.#align();
  };

  #resized(): void {
    const { scroller, layer } = this.#options;
    this.#viewHeight = scroller.clientHeight;
    layer.style.height = `${this.#viewHeight}px`;
    const height = Number.parseFloat(getComputedStyle(scroller).lineHeight);
    if (height > 0) this.#rowHeight = height;
    this.schedule();
  }

  #draw(): void {
    this.#frame = 0;
    const { scroller, spacer, drawn } = this.#options;
    const { extent } = this.#source;
    spacer.style.height = `${scrollHeight(extent, this.#rowHeight, this.#viewHeight)}px`;
    const last = this.#source.lastKey();
    if (last === undefined) {
      this.#place([]);
      drawn({ follow: this.#follow, firstKey: undefined, lastKey: undefined });
      return;
    }
    if (this.#follow || this.#anchor === undefined) {
      this.#anchor = moveBy({ key: last, offset: this.#heightOf(last) - 1 }, -this.#viewHeight, this.#walk);
    } else {
      // A row may have become part of another one: a gap, a folded trace.
      const key = this.#source.keyAt(this.#source.positionOf(this.#anchor.key)) ?? last;
      if (key !== this.#anchor.key) this.#anchor = { key, offset: 0 };
    }
    // Twice at most: the first time real heights may show that the end has been passed.
    for (let attempt = 0; attempt < 2 && this.#drawAround(this.#anchor); attempt += 1) {}
    const view = this.#visible();
    drawn({ follow: this.#follow, ...view });
    if (view.firstKey !== undefined && view.lastKey !== undefined)
      this.#source.want(view.firstKey, view.lastKey);
    if (this.#follow) {
      scroller.scrollTop = scroller.scrollHeight;
      this.#lastTop = scroller.scrollTop;
    } else if (this.#rest === undefined) this.#align();
  }

  /** Draws; true: the anchor had to be corrected by more than what is drawn covers. */
  #drawAround(anchor: Anchor): boolean {
    const keys = [anchor.key];
    let above = anchor.offset;
    for (
      let key = this.#source.prev(anchor.key);
      key !== undefined && above < overscanPx;
      key = this.#source.prev(key)
    ) {
      keys.unshift(key);
      above += this.#heightOf(key);
    }
    let below = this.#heightOf(anchor.key) - anchor.offset;
    const depth = this.#viewHeight + overscanPx;
    for (
      let key = this.#source.next(anchor.key);
      key !== undefined && below < depth;
      key = this.#source.next(key)
    ) {
      keys.push(key);
      below += this.#heightOf(key);
    }
    this.#place(keys);
    return this.#settle(keys);
  }

  /** Measures what was drawn, keeps the last row at the lower edge at most, and moves the rows into place. */
  #settle(keys: number[]): boolean {
    const anchor = this.#anchor as Anchor;
    let [before, after] = [0, 0];
    for (const key of keys) {
      const built = this.#built.get(key) as Built;
      built.height = built.element.offsetHeight;
      if (key < anchor.key) before += built.height;
      else after += built.height;
    }
    const offset = Math.min(anchor.offset, Math.max(0, this.#heightOf(anchor.key) - 1));
    let corrected = false;
    const atEnd = this.#source.next(keys.at(-1) as number) === undefined;
    const spare = this.#viewHeight - (after - offset);
    let shift = before + offset;
    if (atEnd && (spare > 0 || this.#follow)) {
      shift -= spare;
      const whole = this.#source.prev(keys[0] as number) === undefined;
      if (whole) shift = Math.max(0, shift);
      corrected = shift < 0;
      this.#anchor = moveBy({ key: keys[0] as number, offset: 0 }, Math.max(0, shift), this.#walk);
    } else this.#anchor = { key: anchor.key, offset };
    if (atEnd && spare >= -1 && this.#wentDown) {
      this.#follow = true;
      this.#wentDown = false;
    }
    this.#options.rows.style.transform = `translateY(${-Math.round(shift)}px)`;
    return corrected;
  }

  #place(keys: number[]): void {
    const wanted = new Set(keys);
    for (const [key, { element }] of this.#built) {
      if (wanted.has(key)) continue;
      element.remove();
      this.#built.delete(key);
    }
    let next: Element | null = this.#options.rows.firstElementChild;
    for (const key of keys) {
      const row = this.#source.row(key);
      let built = this.#built.get(key);
      if (built === undefined || built.row !== row) {
        const element = this.#options.build(key, row);
        if (built?.element === next) next = next?.nextElementSibling ?? null;
        built?.element.remove();
        built = { element, row, height: built?.height ?? this.#rowHeight };
        this.#built.set(key, built);
      }
      if (built.element === next) next = next.nextElementSibling;
      else this.#options.rows.insertBefore(built.element, next);
    }
  }

  #visible(): { firstKey: number | undefined; lastKey: number | undefined } {
    const anchor = this.#anchor;
    if (anchor === undefined) return { firstKey: undefined, lastKey: undefined };
    let lastKey = anchor.key;
    let bottom = this.#heightOf(anchor.key) - anchor.offset;
    for (
      let key = this.#source.next(lastKey);
      key !== undefined && bottom < this.#viewHeight;
      key = this.#source.next(key)
    ) {
      lastKey = key;
      bottom += this.#heightOf(key);
    }
    return { firstKey: anchor.key, lastKey };
  }
}
