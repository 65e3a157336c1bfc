// The browser's own scrolling, as a source of wishes: "by so many px" from wheel, keys and fingers, "to that place" from
// the thumb of the bar. It never says what is shown; it is put where the rows are, when scrolling rests.
import { startTimer, type Timer } from "../../../../core/base/wait.ts";

export interface ScrollWishes {
  /** Further down by `delta` px; negative: up. */
  move(delta: number): void;
  /** The thumb was put here. */
  jump(scrollTop: number): void;
  /** Scrolling has ended: the bar may be put in line. */
  rest(): void;
}

/** The pause after which scrolling has ended, in ms; for as long after a wheel turn or a touch it is by hand. */
const restMs = 140;
const handMs = 400;

export class ScrollBar {
  readonly #scroller: HTMLElement;
  readonly #spacer: HTMLElement;
  readonly #wishes: ScrollWishes;
  readonly #gone = new AbortController();
  #height = 0;
  #lastTop = 0;
  #handAt = Number.NEGATIVE_INFINITY;
  #held = false;
  #rest: Timer | undefined;

  constructor(scroller: HTMLElement, spacer: HTMLElement, wishes: ScrollWishes) {
    this.#scroller = scroller;
    this.#spacer = spacer;
    this.#wishes = wishes;
    const { signal } = this.#gone;
    const passive = { passive: true, signal };
    scroller.addEventListener("scroll", () => this.#scrolled(), passive);
    scroller.addEventListener("wheel", ({ deltaY }) => this.#turned(deltaY), passive);
    scroller.addEventListener("touchmove", () => this.#touched(), passive);
    scroller.addEventListener("pointerdown", (event) => this.#pressed(event), { signal });
    addEventListener("pointerup", () => this.#released(), { signal });
  }

  close(): void {
    this.#gone.abort();
    this.#rest?.stop();
  }

  /** Nobody scrolls at present, and the thumb is not held. */
  get resting(): boolean {
    return this.#rest === undefined && !this.#held;
  }

  /** The largest scrollTop. */
  get end(): number {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight;
  }

  /** Less height may move the bar: that is nobody's wish. */
  set height(px: number) {
    if (px === this.#height) return;
    this.#spacer.style.height = `${px}px`;
    if (px < this.#height) this.#lastTop = this.#scroller.scrollTop;
    this.#height = px;
  }

  set top(px: number) {
    if (Math.abs(px - this.#scroller.scrollTop) >= 1) this.#scroller.scrollTop = px;
    this.#lastTop = this.#scroller.scrollTop;
  }

  #scrolled(): void {
    this.#scroller.classList.toggle("moved", this.#scroller.scrollLeft > 0);
    const top = this.#scroller.scrollTop;
    const delta = top - this.#lastTop;
    this.#lastTop = top;
    if (Math.abs(delta) < 0.5) return;
    const byHand = performance.now() - this.#handAt < handMs && !this.#held;
    if (byHand || Math.abs(delta) <= this.#scroller.clientHeight * 1.5) this.#wishes.move(delta);
    else this.#wishes.jump(top);
    this.#rest?.stop();
    this.#rest = startTimer(() => {
      this.#rest = undefined;
      if (!this.#held) this.#wishes.rest();
    }, restMs);
  }

  /**
   * On a scale the bar may reach its end before the rows do: then it is put in line at once, or the wheel would stop.
   * The browser may have scrolled before it tells of the wheel: that is taken first, or it would be undone.
   */
  #turned(delta: number): void {
    this.#touched();
    this.#scrolled();
    const { scrollTop } = this.#scroller;
    if ((delta < 0 && scrollTop <= 1) || (delta > 0 && scrollTop >= this.end - 1)) this.#wishes.rest();
  }

  #touched(): void {
    this.#handAt = performance.now();
  }

  #pressed({ offsetX, target }: PointerEvent): void {
    this.#held = target === this.#scroller && offsetX >= this.#scroller.clientWidth;
  }

  #released(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#wishes.rest();
  }
}
