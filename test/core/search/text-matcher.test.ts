import { expect, spyOn, test } from "bun:test";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { matchedLineMax, patternSizeMax, rangesMs } from "../../../src/core/base/limits.ts";
import { createTextMatcher, type TextQuery } from "../../../src/core/search/text-matcher.ts";
import { batchOf } from "../log/batches.ts";

const never = new AbortController().signal;
const find = (query: TextQuery, ...lines: string[]): Promise<number[]> =>
  createTextMatcher(query, "q").matches(batchOf(...lines), never);

function refusal(text: string): string {
  try {
    createTextMatcher({ text, isPattern: true }, "q");
  } catch (error) {
    return TasklogError.from(error).message;
  }
  return "";
}

test("size - patterns that compile to much are refused, and ordinary ones are not", () => {
  // Those with many repetitions are refused before they are compiled, which takes long: only then are there steps.
  for (const [text, unit] of [
    ["(?:[acef13].{990}|[bdf024].{991}|[a-c5-9].{992})[^ -~]", "repetitions"],
    ["a{257}", "repetitions"],
    ["(.{31}){31}x".repeat(80), "repetitions"],
    ["a{1000}".repeat(140), "repetitions"],
    ["(?:a{16}){17}x{200}", "steps"],
    ["((.{8}){8}){8}", "steps"],
    ["(x{2,30}){2,30}", "steps"],
    [`(?:${"ab|cd|".repeat(150)}x)`, "steps"],
  ] as const) {
    expect([text.slice(0, 40), refusal(text)]).toEqual([
      text.slice(0, 40),
      expect.stringMatching(new RegExp(`is too large a pattern: \\d+ ${unit}, `)),
    ]);
  }
  for (const text of [
    "error|warn(ing)?|fatal",
    "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}",
    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "\\b(\\d{1,3}\\.){3}\\d{1,3}\\b",
    ".{200,}",
    "(?i)timeout after [0-9]+ ?(ms|s)",
  ]) {
    expect([text, refusal(text)]).toEqual([text, ""]);
  }
});

test("plain text has no size: any text that is short enough is looked for", async () => {
  const long = "x{300}".repeat(150);
  expect(await find({ text: long }, "no", `so ${long} it is`)).toEqual([1]);
  expect(await find({ text: `É${long}`, caseSensitive: false }, `so é${long.toUpperCase()} it is`)).toEqual([
    0,
  ]);
  expect(long.length).toBeGreaterThan(patternSizeMax);
});

test("a pattern sees the beginning of a line, plain text all of it", async () => {
  const line = `${"-".repeat(matchedLineMax)}needle`;
  expect(await find({ text: "needle" }, line)).toEqual([0]);
  expect(await find({ text: "NEEDLE", caseSensitive: false }, line)).toEqual([0]);
  expect(await find({ text: "need(le)", isPattern: true }, line, line.slice(6))).toEqual([1]);
  expect(createTextMatcher({ text: "needle" }, "q").ranges(line, 9)).toEqual([
    [matchedLineMax, matchedLineMax + 6],
  ]);
});

test("ranges - text and patterns, with and without regard to case, in what a person sees", () => {
  for (const [query, line, ranges] of [
    [
      { text: "aa" },
      "aaaa a",
      [
        [0, 2],
        [2, 4],
      ],
    ],
    [
      { text: "aA", caseSensitive: false },
      "\x1b[1mAAaa\x1b[m",
      [
        [0, 2],
        [2, 4],
      ],
    ],
    [
      { text: "é", caseSensitive: false },
      "É é",
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [{ text: "x", caseSensitive: false }, "İİX", [[2, 3]]],
    [
      { text: "a+.", isPattern: true },
      "aab ac",
      [
        [0, 3],
        [4, 6],
      ],
    ],
    [{ text: "a*", isPattern: true }, "baab", [[1, 3]]],
    [{ text: "a.c" }, "abc a.c", [[4, 7]]],
    [{ text: "é.c-d", caseSensitive: false }, "ébc É.C-D", [[4, 9]]],
  ] as Array<[TextQuery, string, number[][]]>) {
    expect([query, createTextMatcher(query, "q").ranges(line, 9)]).toEqual([
      query,
      ranges as Array<[number, number]>,
    ]);
  }
});

test("ranges end in time, whatever the line", () => {
  const matcher = createTextMatcher({ text: "(?:[0-9]+ )*$|[0-9]", isPattern: true }, "q");
  // A clock on which each look takes a millisecond.
  let nowMs = 0;
  const clock = spyOn(performance, "now").mockImplementation(() => ++nowMs);
  try {
    const found = matcher.ranges("1 ".repeat(30_000).concat("x"), 10_000);
    expect(found).toHaveLength(rangesMs + 1);
  } finally {
    clock.mockRestore();
  }
});

test("matching gives the event loop its turns, all matchers together, and ends with its signal", async () => {
  const lines = Array.from({ length: 64 }, () => "0123456789abcdef".repeat(512));
  const matcher = createTextMatcher({ text: "[acef13].{230}[^ -~]", isPattern: true }, "q");
  const batch = batchOf(...lines);
  const stop = new AbortController();
  let turns = 0;
  const timer = setInterval(() => {
    if (++turns === 10) stop.abort();
  }, 1);
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => matcher.matches(batch, stop.signal)),
  );
  clearInterval(timer);
  expect(turns).toBeGreaterThanOrEqual(10);
  expect(results.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
});
