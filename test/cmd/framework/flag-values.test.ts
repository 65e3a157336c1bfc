import { describe, expect, test } from "bun:test";
import {
  bytes,
  duration,
  interval,
  origin,
  positive,
  time,
  wordsOf,
} from "../../../src/cmd/framework/flag-values.ts";

describe("durations, in ms", () => {
  test.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
    ["10", 10_000],
    ["0", 0],
  ])("%s", (text, ms) => expect(duration(text, "--t")).toBe(ms));

  test.each(["", "s", "-1s", "1x", "1 s", "1h 30m", "∞", "1e3"])("%j is none", (text) => {
    expect(() => duration(text, "--t")).toThrow("--t takes a duration");
  });
});

describe("times, as stamps", () => {
  test.each([
    ["2026-01-31T08:00:00Z", Date.UTC(2026, 0, 31, 8), 0],
    ["2026-01-31T08:00:00.5+01:30", Date.UTC(2026, 0, 31, 6, 30), 500_000_000],
    ["2026-01-31t08:00:00.000000001z", Date.UTC(2026, 0, 31, 8), 1],
    ["2026-01-31 08:00", new Date(2026, 0, 31, 8).getTime(), 0],
    ["2026-01-31", new Date(2026, 0, 31).getTime(), 0],
    ["1960-01-01T00:00:00Z", Date.UTC(1960, 0, 1), 0],
  ])("%s", (text, ms, nanos) => expect(time(text, "--t")).toEqual({ seconds: ms / 1000, nanos }));

  test("a duration is so long ago", () => {
    const { seconds, nanos } = time("1h30m", "--t");
    const agoMs = Date.now() - (seconds * 1000 + nanos / 1e6);
    expect(agoMs).toBeGreaterThanOrEqual(5_400_000);
    expect(agoMs).toBeLessThan(5_460_000);
    expect(time("0", "--t").seconds).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test.each([
    "",
    "yesterday",
    "08:00",
    "2026-1-31",
    "2026-13-01",
    "2026-01-31T25:00:00Z",
    "-5m",
    "2026-01-31Z",
  ])("%j is none", (text) => expect(() => time(text, "--t")).toThrow("--t takes a time such as 10m (ago)"));
});

test("an interval has a least length", () => {
  expect(interval("100ms", "--i")).toBe(100);
  expect(() => interval("0", "--i")).toThrow("--i takes a duration of at least 100ms");
});

describe("sizes, in bytes", () => {
  test.each([
    ["1024", 1024],
    ["512m", 512 * 1024 ** 2],
    ["2g", 2 * 1024 ** 3],
    ["2GB", 2 * 1024 ** 3],
    ["1.5GiB", 1.5 * 1024 ** 3],
    ["1k", 1024],
    ["10b", 10],
  ])("%s", (text, value) => expect(bytes(text, "--m")).toBe(value));

  test.each(["", "0", "-1", "m", "1x", "1 g", "9999999t"])("%j is none", (text) => {
    expect(() => bytes(text, "--m")).toThrow("--m takes a size");
  });
});

test("numbers above zero", () => {
  expect([positive("0.5", "--c"), positive(".5", "--c"), positive("2", "--c")]).toEqual([0.5, 0.5, 2]);
  for (const text of ["0", "-1", "x", "", "NaN", "Infinity"])
    expect(() => positive(text, "--c")).toThrow("--c takes");
});

test("words of a closed set, with commas between", () => {
  const parse = wordsOf(["red", "green"]);
  expect(parse("red,green", "--w")).toEqual(["red", "green"]);
  expect(() => parse("blue", "--w")).toThrow('--w takes red or green, not "blue"');
});

test("origins are a scheme and a host, and nothing that could match more", () => {
  expect(origin("https://CI.example/", "--allow-origin")).toBe("https://ci.example");
  expect(origin("http://master:8080", "--allow-origin")).toBe("http://master:8080");
  for (const text of [
    "",
    "*",
    "null",
    "ci.example",
    "https://ci.example/x",
    "https://*.example",
    "ftp://x",
  ]) {
    expect(() => origin(text, "--allow-origin")).toThrow(`not "${text}"`);
  }
});
