// The arithmetic of stamps, each function by a table: exact to the nanosecond, rounded down.
import { describe, expect, test } from "bun:test";
import {
  addMs,
  compareStamps,
  formatEpoch,
  formatStamp,
  fromMs,
  isLater,
  middleOf,
  parseStamp,
  type Stamp,
  toMs,
} from "../../../src/core/base/stamp.ts";

const at = (seconds: number, nanos = 0): Stamp => ({ seconds, nanos });

describe("RFC 3339 both ways", () => {
  const both: [string, Stamp][] = [
    ["1970-01-01T00:00:00.000000000Z", at(0)],
    ["2026-11-23T07:51:53.417678314Z", at(1_795_420_313, 417_678_314)],
    ["2026-11-23T07:51:53.000000001Z", at(1_795_420_313, 1)],
    ["2026-11-23T07:51:53.999999999Z", at(1_795_420_313, 999_999_999)],
    ["2024-02-29T23:59:59.500000000Z", at(1_709_251_199, 500_000_000)],
    ["9999-12-31T23:59:59.000000000Z", at(253_402_300_799)],
  ];
  test.each(both)("%s", (text, stamp) => {
    expect(formatStamp(stamp.seconds, stamp.nanos)).toBe(text);
    expect(parseStamp(text)).toEqual(stamp);
  });

  const read: [string, Stamp][] = [
    ["1970-01-01T00:00:00Z", at(0)],
    ["1970-01-01t00:00:01z", at(1)],
    ["1970-01-01 00:00:01Z", at(1)],
    ["1970-01-01T00:00:00.5Z", at(0, 500_000_000)],
    ["1970-01-01T00:00:00.0000000019Z", at(0, 1)],
    ["1970-01-01T02:30:00+02:30", at(0)],
    ["1969-12-31T23:59:59-00:01", at(59)],
    ["2024-02-29T00:00:00+00:00", at(1_709_164_800)],
  ];
  test.each(read)("%s is read", (text, stamp) => {
    expect(parseStamp(text)).toEqual(stamp);
  });

  const refused = [
    ...["", "now", "10m", "2026-11-23", "2026-11-23T07:51:53", "2026-11-23T07:51Z", "1795420313"],
    ...["2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z"],
    ...["2026-01-00T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T23:60:00Z", "2026-11-23T23:59:60Z"],
    ...[
      "2026-11-23T07:51:53+24:00",
      "2026-11-23T07:51:53.Z",
      "2026-11-23T07:51:53Z ",
      "+2026-11-23T07:51:53Z",
    ],
    ...["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01"],
  ];
  test.each(refused)("%j is no moment", (text) => {
    expect(parseStamp(text)).toBeUndefined();
  });
});

test.each([
  [at(0), 0],
  [at(1, 999_999), 1000],
  [at(1, 1_000_000), 1001],
  [at(1, 999_999_999), 1999],
  [at(1_795_420_313, 417_999_999), 1_795_420_313_417],
])("%j is %d whole ms", (stamp, ms) => {
  expect(toMs(stamp)).toBe(ms);
});

test.each([
  [0, at(0)],
  [1999, at(1, 999_000_000)],
  [0.5, at(0, 500_000)],
  [1_795_420_313_417, at(1_795_420_313, 417_000_000)],
])("%d ms of the Unix epoch", (ms, stamp) => {
  expect(fromMs(ms)).toEqual(stamp);
});

test.each([
  [at(1), at(1), 0],
  [at(1, 1), at(1), 1],
  [at(1), at(1, 1), -1],
  [at(2), at(1, 999_999_999), 1],
  [at(1, 999_999_999), at(2), -1],
])("%j compared with %j", (a, b, sign) => {
  expect(Math.sign(compareStamps(a, b))).toBe(sign);
  expect(isLater(a, b)).toBe(sign > 0);
});

test.each([
  [at(1, 5), 0, at(1, 5)],
  [at(1, 999_999_999), 1, at(2, 999_999)],
  [at(1), -1, at(0, 999_000_000)],
  [at(10, 3), -10_000, at(0, 3)],
  [at(1), 0.000_001, at(1, 1)],
  [at(1), 0.000_0015, at(1, 1)],
  [at(0), 86_400_000, at(86_400)],
])("%j and %d ms", (stamp, ms, expected) => {
  expect(addMs(stamp, ms)).toEqual(expected);
});

test.each([
  [at(1), at(1), at(1)],
  [at(1), at(2), at(1, 500_000_000)],
  [at(1), at(3), at(2)],
  [at(1, 999_999_999), at(2, 1), at(2)],
  [at(1), at(1, 1), at(1)],
  [at(1, 999_999_998), at(3, 999_999_998), at(2, 999_999_998)],
  [at(1, 999_999_999), at(2, 999_999_999), at(2, 499_999_999)],
])("the middle of %j and %j", (a, b, middle) => {
  expect(middleOf(a, b)).toEqual(middle);
  expect(middleOf(b, a)).toEqual(middle);
});

test("seconds of the Unix epoch, as the engine takes them", () => {
  expect(formatEpoch(1_795_420_313, 417)).toBe("1795420313.000000417");
});
