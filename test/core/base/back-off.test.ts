// Delays that grow with the failures before them.
import { expect, test } from "bun:test";
import { backoffMs, doubledMs } from "../../../src/core/base/back-off.ts";
import { reconnectMaxMs, reconnectMinMs } from "../../../src/core/base/limits.ts";

/** Failures, least and greatest delay, the delay. */
const cases: [number, number, number, number][] = [
  [0, 100, 5000, 100],
  [1, 100, 5000, 200],
  [5, 100, 5000, 3200],
  [6, 100, 5000, 5000],
  [7, 100, 5000, 5000],
  [2000, 100, 5000, 5000],
  [2000, 1, 10, 10],
  [0, 100, 50, 50],
  [0, 0, 50, 0],
  [2000, 0, 50, 0],
  [4, 5, Number.POSITIVE_INFINITY, 80],
];

test.each(cases)("after %d failures, from %d to %d ms: %d ms", (failures, minMs, maxMs, delayMs) => {
  expect(doubledMs(failures, minMs, maxMs)).toBe(delayMs);
});

test.each([0, 1, 3, 6, 100])(
  "after %d lost connections at least half of the delay is waited for",
  (failures) => {
    const full = doubledMs(failures, reconnectMinMs, reconnectMaxMs);
    for (let round = 0; round < 100; round++) {
      const delayMs = backoffMs(failures);
      expect(delayMs).toBeGreaterThanOrEqual(full / 2);
      expect(delayMs).toBeLessThanOrEqual(full);
    }
  },
);
