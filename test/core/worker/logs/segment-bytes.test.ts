import { expect, test } from "bun:test";
import { segmentBytesFor } from "../../../../src/core/worker/logs/log-upkeep.ts";

const KB = 1024;
const MB = 1024 * KB;

test("segments are so small that a bound in bytes can be kept by whole ones", () => {
  expect(segmentBytesFor({})).toBe(64 * MB);
  expect(segmentBytesFor({ taskBytesMax: 80 * MB })).toBe(10 * MB);
  expect(segmentBytesFor({ storeBytesMax: 640 * MB, taskBytesMax: 10_000 * MB })).toBe(10 * MB);
  expect(segmentBytesFor({ taskBytesMax: 1 })).toBe(64 * KB);
});
