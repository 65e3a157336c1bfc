// Arithmetic between a place in a log and the scroll bar. Browsers give up on elements beyond some 16 to 33 million
// pixels, a hundred million lines are two thousand million; so above `heightMax` the bar is a scale: a drag of the
// thumb is a place in the whole, while wheel, keys and fingers move by pixels, whatever the scale. Below it both are
// the same. Knows no DOM.

export interface Anchor {
  /** The row at the upper edge. */
  readonly key: number;
  /** The part of it above the edge, in px. */
  readonly offset: number;
}

/** The greatest height of the scrolled element, in pixels: well below what any browser takes. */
export const heightMax = 6_000_000;

/** The height of the scrolled element in px for `extent` rows. */
export function scrollHeight(extent: number, rowHeight: number, viewHeight: number): number {
  return Math.max(viewHeight, Math.min(heightMax, Math.ceil(extent * rowHeight)));
}

/** The scrollTop that stands for a place, in rows from the beginning; fractions are parts of a row. */
export function toScrollTop(position: number, extent: number, rowHeight: number, viewHeight: number): number {
  const range = extent - viewHeight / rowHeight;
  if (range <= 0) return 0;
  const way = Math.min(1, Math.max(0, position / range));
  return way * (scrollHeight(extent, rowHeight, viewHeight) - viewHeight);
}

/** The place, in rows from the beginning, that a scrollTop stands for. */
export function toPosition(scrollTop: number, extent: number, rowHeight: number, viewHeight: number): number {
  const height = scrollHeight(extent, rowHeight, viewHeight) - viewHeight;
  if (height <= 0) return 0;
  return Math.min(1, Math.max(0, scrollTop / height)) * Math.max(0, extent - viewHeight / rowHeight);
}

/** Gives the rows around an anchor. */
export interface RowWalk {
  next(key: number): number | undefined;
  prev(key: number): number | undefined;
  /** Returns the height in px, measured or estimated. */
  heightOf(key: number): number;
}

/** The anchor `delta` px further down, stopping at the first and at the last row. */
export function moveBy(anchor: Anchor, delta: number, walk: RowWalk): Anchor {
  let { key, offset } = anchor;
  offset += delta;
  while (offset < 0) {
    const before = walk.prev(key);
    if (before === undefined) return { key, offset: 0 };
    key = before;
    offset += walk.heightOf(key);
  }
  for (;;) {
    const height = walk.heightOf(key);
    if (offset < height) return { key, offset };
    const after = walk.next(key);
    if (after === undefined) return { key, offset: Math.max(0, height - 1) };
    offset -= height;
    key = after;
  }
}
