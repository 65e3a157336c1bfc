// What a search finds, and where: always in what a person sees of the line.
import { describe, expect, test } from "bun:test";
import { createTextMatcher } from "../../../src/core/search/text-matcher.ts";
import { batchOf } from "../log/batches.ts";

const esc = "\x1b";

const never = new AbortController().signal;

const cases: [line: string, text: string, isPattern: boolean, ranges: [number, number][] | undefined][] = [
  ["done\r", "done$", true, [[0, 4]]],
  ["done\r\r", "^done$", true, [[0, 4]]],
  [`${esc}]0;a title\x07text`, "title", false, undefined],
  [`${esc}]0;a title\x07text`, "tit.e", true, undefined],
  [`a${esc}7bc`, "abc", false, [[0, 3]]],
  [`a${esc}=bc`, "ab.$", true, [[0, 3]]],
  [`${esc}]1337;File=name=eA==:AAAA\x07picture`, "picture", false, [[0, 7]]],
  [`${esc}]1337;File=name=eA==:AAAA\x07picture`, "AAAA", false, undefined],
  [`${esc}[31mred${esc}[0m text`, "red text", false, [[0, 8]]],
  ["abcdef\rXY", "XYcd", false, [[0, 4]]],
  ["abcdef\rXY", "abc", false, []],
  ["abcdef\rXY", "ab+c", true, []],
  ["abcdef\rXY", "fXY", false, undefined],
  ["ab\bX", "aX", false, [[0, 2]]],
  ["10%\r20%", "20%$", true, [[0, 3]]],
  ["Ü漢\rx", "x", false, [[0, 1]]],
  [`Ü漢${esc}[m字`, "漢字", false, [[1, 3]]],
  [
    "aaaa",
    "a",
    false,
    [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ],
  ],
  ["abc", "x*", true, []],
  ["Hello", "(?i)hello", true, [[0, 5]]],
  ["a.b", "\\Qa.b\\E", true, [[0, 3]]],
  ["word 1", "[[:alpha:]]+", true, [[0, 4]]],
  ["x1", "(?P<name>x)1", true, [[0, 2]]],
];

describe("a line is found, and where", async () => {
  test.each(cases)("%j: %s", async (line, text, isPattern, ranges) => {
    const matcher = createTextMatcher({ text, isPattern }, "q");
    const among = batchOf("#", line, "?\r");
    expect(await matcher.matches(among, never)).toEqual(
      ranges === undefined ? [] : text === "x*" ? [0, 1, 2] : [1],
    );
    expect(matcher.ranges(line, 100)).toEqual(ranges ?? []);
  });
});

test("a text is found in the same lines whether others among them hold escapes or not", async () => {
  const lines = ["needle", "nee", `n${esc}[1meedle`, "x needle\r", "needless\rX", "", "dle"];
  const matcher = createTextMatcher({ text: "needle" }, "q");
  expect(await matcher.matches(batchOf(...lines), never)).toEqual([0, 2, 3, 4]);
  for (const [index, line] of lines.entries()) {
    expect(await matcher.matches(batchOf(line), never)).toEqual([0, 2, 3, 4].includes(index) ? [0] : []);
  }
});

test("a text with a control in it is found nowhere, and does not go over the end of a line", async () => {
  const matcher = createTextMatcher({ text: "a\nb" }, "q");
  expect(await matcher.matches(batchOf("a", "b"), never)).toEqual([]);
});
