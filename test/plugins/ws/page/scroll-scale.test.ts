// The arithmetic of the virtual list: exact while a log fits into an element, a scale beyond, and by the pixel always.
import { expect, test } from "bun:test";
import { LineStore } from "../../../../src/plugins/ws/page/log/line-store.ts";
import {
  heightMax,
  moveBy,
  scrollHeight,
  toPosition,
  toScrollTop,
} from "../../../../src/plugins/ws/page/view/scroll-scale.ts";

test("a log that fits scrolls by its own pixels", () => {
  expect(scrollHeight(1000, 20, 600)).toBe(20_000);
  expect(toScrollTop(100.5, 1000, 20, 600)).toBeCloseTo(2010, 6);
  expect(toPosition(2010, 1000, 20, 600)).toBeCloseTo(100.5, 6);
});

test("a hundred million lines have a bar that browsers can make, and both its ends", () => {
  const extent = 100_000_000;
  expect(scrollHeight(extent, 20, 600)).toBe(heightMax);
  expect(toScrollTop(0, extent, 20, 600)).toBe(0);
  expect(toScrollTop(extent, extent, 20, 600)).toBe(heightMax - 600);
  expect(toPosition(heightMax - 600, extent, 20, 600)).toBe(extent - 30);
  for (const position of [1, 4711, 49_999_999, 99_999_000]) {
    expect(toPosition(toScrollTop(position, extent, 20, 600), extent, 20, 600)).toBeCloseTo(position, 3);
  }
});

test("moving by pixels walks rows of any height and stops at both ends", () => {
  const walk = {
    next: (key: number) => (key < 10 ? key + 1 : undefined),
    prev: (key: number) => (key > 1 ? key - 1 : undefined),
    heightOf: (key: number) => key * 10,
  };
  expect(moveBy({ key: 1, offset: 0 }, 35, walk)).toEqual({ key: 3, offset: 5 });
  expect(moveBy({ key: 3, offset: 5 }, -35, walk)).toEqual({ key: 1, offset: 0 });
  expect(moveBy({ key: 3, offset: 5 }, -1000, walk)).toEqual({ key: 1, offset: 0 });
  expect(moveBy({ key: 9, offset: 0 }, 1000, walk)).toEqual({ key: 10, offset: 99 });
});

test("the store keeps a line once, lets the oldest go, and knows what is missing", () => {
  const store = new LineStore();
  const line = (seq: number) => ({ seq, time: "", stderr: false, text: `line ${seq}`, cut: false });
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => line(from + i));
  store.add(range(1, 300));
  store.add(range(200, 400));
  expect(store.size().lines).toBe(400);
  store.addGap({ fromSeq: 401, toSeq: 420, reason: "x" });
  expect(store.missing(350, 500)).toEqual({ fromSeq: 421, toSeq: 500 });
  for (let seq = 1; seq < 1_000_000; seq += 1000) store.add(range(seq, seq + 999));
  expect(store.size().lines).toBeLessThan(150_000);
  expect(store.peek(999_000)?.text).toBe("line 999000");
  expect(store.peek(1)).toBeUndefined();
});
