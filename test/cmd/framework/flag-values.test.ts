import { describe, expect, test } from "bun:test";
import { bytes, duration, positive, wordsOf } from "../../../src/cmd/framework/flag-values.ts";

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
