import { expect, test } from "bun:test";
import { segmentBytesFor } from "../../../../src/core/worker/logs/log-upkeep.ts";

const kb = 1024;
const mb = 1024 * kb;

test("segments are so small that a bound in bytes can be kept by whole ones", () => {
  expect(segmentBytesFor({})).toBe(64 * mb);
  expect(segmentBytesFor({ taskBytesMax: 80 * mb })).toBe(10 * mb);
  expect(segmentBytesFor({ storeBytesMax: 640 * mb, taskBytesMax: 10_000 * mb })).toBe(10 * mb);
  expect(segmentBytesFor({ taskBytesMax: 1 })).toBe(64 * kb);
});
