// What the page makes of the text of a line, byte for byte.
import { describe, expect, test } from "bun:test";
import { toSpans } from "../../../../src/plugins/ws/page/model/ansi.ts";
import { visiblePieces } from "../../../../src/plugins/ws/page/model/control-text.ts";
import { isJson, jsonWords, layOutJson } from "../../../../src/plugins/ws/page/model/json-line.ts";
import { fromHash, toHash } from "../../../../src/plugins/ws/page/model/line-link.ts";
import { type FindQuery, toMatcher } from "../../../../src/plugins/ws/page/model/matcher.ts";
import { continuesTrace } from "../../../../src/plugins/ws/page/model/stack-trace.ts";
import { linePieces } from "../../../../src/plugins/ws/page/view/line-pieces.ts";

const esc = "\u001b";

test("256 colours, truecolor with semicolons and colons, reverse", () => {
  const colours = (text: string) => toSpans(text).map(({ style }) => [style?.colour, style?.background]);
  expect(colours(`${esc}[38;5;196mx`)).toEqual([["rgb(255, 0, 0)", undefined]]);
  expect(colours(`${esc}[48;5;9mx`)).toEqual([[undefined, 9]]);
  expect(colours(`${esc}[38;2;1;2;3mx`)).toEqual([["rgb(1, 2, 3)", undefined]]);
  expect(colours(`${esc}[38:2::1:2:3mx`)).toEqual([["rgb(1, 2, 3)", undefined]]);
  expect(colours(`${esc}[7;32mx`)).toEqual([["reverse", 2]]);
});

test("controls and marks of direction are named; joiners of emoji stay", () => {
  expect(visiblePieces("a\u202eb\u0000")).toEqual([
    { text: "a", control: false },
    { text: "RLO", control: true },
    { text: "b", control: false },
    { text: "NUL", control: true },
  ]);
  expect(visiblePieces("\u{1f469}\u200d\u{1f469}")).toEqual([
    { text: "\u{1f469}\u200d\u{1f469}", control: false },
  ]);
});

const textOf = (words: readonly { text: string }[]) => words.map(({ text }) => text).join("");

test("JSON is laid out as it was written, big numbers and all", () => {
  const text = '{"n":9007199254740993,"a":[],"b":{"c":"x: {y}"}}';
  expect(isJson(text)).toBe(true);
  expect(isJson("{not json}")).toBe(false);
  expect(isJson("[12:00:01] up")).toBe(false);
  expect(textOf(jsonWords(text))).toBe(text);
  const laidOut = '{\n  "n": 9007199254740993,\n  "a": [],\n  "b": {\n    "c": "x: {y}"\n  }\n}';
  expect(layOutJson(text, 1000)).toMatchObject({ left: "" });
  expect(textOf(layOutJson(text, 1000).words)).toBe(laidOut);
  expect(textOf(layOutJson(' { "n" : 9007199254740993, "a":[ ],"b":{"c":"x: {y}"} } ', 1000).words)).toBe(
    laidOut,
  );
});

describe("JSON without a measure", () => {
  const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const wide = `[{"a":1}${",1".repeat(60_000)}]`;
  const both = `[{}${`,${"[".repeat(500)}${"]".repeat(500)}`.repeat(200)}]`;
  test.each([
    ["deep", `${'{"a":'.repeat(500)}1${"}".repeat(500)}`, "deeper than 32 levels"],
    ["very deep", deep, "more than 4000 words"],
    ["wide", wide, "more than 4000 words"],
    ["both", both, "more than 4000 words"],
  ])("%s: a bounded part is laid out, all of it is there, and that is said", (_what, text, left) => {
    expect(isJson(text)).toBe(true);
    const startedMs = performance.now();
    const { pieces, note } = linePieces(text, { unfoldJson: false, byHand: true, find: undefined });
    expect(performance.now() - startedMs).toBeLessThan(2000);
    const shown = textOf(pieces);
    expect(shown.replaceAll(/\s/g, "")).toBe(text);
    expect(shown.length).toBeLessThan(text.length + 300_000);
    expect(shown.split("\n").length).toBeLessThan(5000);
    expect(note).toStartWith(left);
  });
});

describe("what is marked of a line", () => {
  const look = (text: string, query: Partial<FindQuery>, byHand = false) => {
    const find = toMatcher({ text: "", regex: false, caseSensitive: false, ...query });
    const { pieces, note } = linePieces(text, { unfoldJson: false, byHand, find });
    return {
      marks: pieces.filter(({ match }) => match).map((piece) => piece.text),
      note,
      shown: textOf(pieces),
    };
  };
  const marksOf = (text: string, query: Partial<FindQuery>) => look(text, query).marks;

  test.each([
    ["a Word", { text: "(?i)word", regex: true, caseSensitive: true }, ["Word"]],
    ["a.b axb", { text: "\\Qa.b\\E", regex: true }, ["a.b"]],
    ["12 abc", { text: "[[:alpha:]]+", regex: true }, ["abc"]],
    ["nx", { text: "(?P<n>x)", regex: true }, ["x"]],
    [`${esc}]0;title\u0007text`, { text: "t" }, ["t", "t"]],
    [`a${esc}7b${esc}=c`, { text: "abc" }, ["abc"]],
    [`r${esc}[31me${esc}[0md`, { text: "red" }, ["r", "e", "d"]],
    ["done\r", { text: "done$", regex: true }, ["done"]],
    ["abcdef\rXY", { text: "Ycd" }, ["Ycd"]],
    ["abcdef\rXY", { text: "abc" }, []],
    ["(unfinished", { text: "(unf", regex: true }, []],
  ])("%j: %j", (text, query, marks) => {
    expect(marksOf(text, query)).toEqual(marks);
  });

  test("what was written over is said to be where it was found, and marked when it is unfolded", () => {
    expect(look("abcdef\rXY", { text: "abc" }).note).toBe("found in what was written over: unfold to see it");
    expect(look("abcdef\rXY", { text: "abc" }, true)).toMatchObject({
      marks: ["abc"],
      shown: "abcdef\nXY\nXYcdef",
    });
  });

  test("in JSON that is laid out exactly what is found in the line is marked", () => {
    const text = '{"a":1,"b":[2,3]}';
    expect(look(text, { text: '1,"b"' }, true).marks).toEqual(["1", ",", '"b"']);
    expect(look(text, { text: ": " }, true).marks).toEqual([]);
  });

  test("a pattern that would freeze a browser takes no time", () => {
    const startedMs = performance.now();
    expect(marksOf("a".repeat(43), { text: "(a|a)*b", regex: true })).toEqual([]);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});

describe("long lines are cut between characters, by what is seen", () => {
  const shownOf = (text: string) =>
    textOf(linePieces(text, { unfoldJson: false, byHand: false, find: undefined }).pieces);
  test.each([
    ["escapes do not count", `${esc}[31mx${esc}[0m`.repeat(8192), "x".repeat(8192)],
    ["an emoji at the edge", `${"x".repeat(8191)}\u{1f600}y`, "x".repeat(8191)],
    ["an accent at the edge", `${"x".repeat(8191)}e\u0301y`, "x".repeat(8191)],
    ["a family at the edge", `${"x".repeat(8190)}\u{1f469}\u200d\u{1f4bb}y`, "x".repeat(8190)],
  ])("%s", (_what, text, shown) => {
    expect(shownOf(text)).toBe(shown);
  });
});

test("frames and causes belong to the line before, ordinary lines do not", () => {
  expect(continuesTrace("\tat a.B.c(B.java:1)", "x.YException: z")).toBe(true);
  expect(continuesTrace("Caused by: x.Y", "\t... 3 more")).toBe(true);
  expect(continuesTrace('  File "a.py", line 3, in f', "Traceback (most recent call last):")).toBe(true);
  expect(continuesTrace("ValueError: bad", "    raise ValueError()")).toBe(true);
  expect(continuesTrace("ValueError: bad", "INFO started")).toBe(false);
  expect(continuesTrace("INFO started", "\tat a.B.c(B.java:1)")).toBe(false);
});

test("links to lines: one, a range either way round, and nothing else", () => {
  expect(fromHash("#L4711")).toEqual({ fromSeq: 4711, toSeq: 4711 });
  expect(fromHash("#L4720-4711")).toEqual({ fromSeq: 4711, toSeq: 4720 });
  expect(fromHash("#L0")).toBeUndefined();
  expect(fromHash("#main")).toBeUndefined();
  expect(toHash(fromHash("#L4711-L4720"))).toBe("#L4711-4720");
});
