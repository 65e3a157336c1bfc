// How moments of a host with another clock are brought to one's own.
import { expect, test } from "bun:test";
import { timeMsMax } from "../../../src/core/base/limits.ts";
import { clockDifference } from "../../../src/core/rpc/clock-difference.ts";

const nowMs = 1_800_000_000_000;
const hourMs = 3_600_000;

test.each([
  ["an hour ahead", nowMs + hourMs, 0, -hourMs],
  ["an hour behind", nowMs - hourMs, 0, hourMs],
  ["the same", nowMs, 0, 0],
  ["the same, with a slow answer", nowMs - 3000, 4000, 0],
  ["an hour ahead, with a slow answer", nowMs + hourMs, 4000, -hourMs - 2000],
  ["not told", 0, 0, 0],
  ["told wrongly", timeMsMax + 1, 0, 0],
  ["told before the epoch", -5, 0, 0],
])("a clock that is %s", (_, nowThereMs, tookMs, difference) => {
  expect(clockDifference(nowThereMs, nowMs, tookMs)).toBe(difference);
});
