// What the page makes of the text of a line, byte for byte.
import { describe, expect, test } from "bun:test";
import { levelOf } from "../../../../src/core/search/level.ts";
import { plainText, toSpans } from "../../../../src/plugins/ws/page/model/ansi.ts";
import { visiblePieces } from "../../../../src/plugins/ws/page/model/control-text.ts";
import { isJson, jsonWords } from "../../../../src/plugins/ws/page/model/json-line.ts";
import { fromHash, toHash } from "../../../../src/plugins/ws/page/model/line-link.ts";
import { overwrites } from "../../../../src/plugins/ws/page/model/overwrites.ts";
import { continuesTrace } from "../../../../src/plugins/ws/page/model/stack-trace.ts";

const esc = "\u001b";

describe("escape sequences", () => {
  const cases: [name: string, text: string, plain: string][] = [
    ["colours go", `${esc}[31mred${esc}[0m on`, "red on"],
    ["an empty one resets", `${esc}[1mbold${esc}[m on`, "bold on"],
    ["moving and erasing go, and take no text with them", `a${esc}[2K${esc}[1;1Hb ${esc}[?25l m`, "ab  m"],
    ["a hyperlink leaves its text", `${esc}]8;;http://x${esc}\\text${esc}]8;;${esc}\\`, "text"],
    ["half a sequence at the end stays", `a${esc}[3`, `a${esc}[3`],
    ["an escape alone stays", `a${esc}b`, `a${esc}b`],
  ];
  for (const [name, text, plain] of cases) {
    test(name, () => {
      expect(plainText(text)).toBe(plain);
      expect(
        toSpans(text)
          .map((span) => span.text)
          .join(""),
      ).toBe(plain);
    });
  }

  test("256 colours, truecolor with semicolons and colons, reverse", () => {
    const colours = (text: string) => toSpans(text).map(({ style }) => [style?.colour, style?.background]);
    expect(colours(`${esc}[38;5;196mx`)).toEqual([["rgb(255, 0, 0)", undefined]]);
    expect(colours(`${esc}[48;5;9mx`)).toEqual([[undefined, 9]]);
    expect(colours(`${esc}[38;2;1;2;3mx`)).toEqual([["rgb(1, 2, 3)", undefined]]);
    expect(colours(`${esc}[38:2::1:2:3mx`)).toEqual([["rgb(1, 2, 3)", undefined]]);
    expect(colours(`${esc}[7;32mx`)).toEqual([["reverse", 2]]);
  });
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

test("carriage returns: what a terminal shows last comes last, one at the end is none", () => {
  expect(overwrites("10 %\r50 %\r100 %")).toEqual(["10 %", "50 %", "100 %"]);
  expect(overwrites("dos\r")).toEqual(["dos"]);
  expect(overwrites("\r")).toEqual([""]);
});

test("JSON is laid out as it was written, big numbers and all", () => {
  const text = '{"n":9007199254740993,"a":[],"b":{"c":"x: {y}"}}';
  expect(isJson(text)).toBe(true);
  expect(isJson("{not json}")).toBe(false);
  expect(isJson("[12:00:01] up")).toBe(false);
  expect(
    jsonWords(text, false)
      .map((word) => word.text)
      .join(""),
  ).toBe(text);
  expect(
    jsonWords(text, true)
      .map((word) => word.text)
      .join(""),
  ).toBe('{\n  "n": 9007199254740993,\n  "a": [],\n  "b": {\n    "c": "x: {y}"\n  }\n}');
});

test("levels are guessed where they are plain, and not where they are not", () => {
  const cases: [string, string | undefined][] = [
    ["2026-01-01T00:00:00Z INFO started", "info"],
    ["[ERROR] no disk", "error"],
    ['{"level":"warn","msg":"x"}', "warn"],
    ['{"level":50,"msg":"x"}', "error"],
    ["time=x level=debug msg=y", "debug"],
    ["java.lang.IllegalStateException: x", "error"],
    ["panic: runtime error", "fatal"],
    ["no errors found", undefined],
    ["GET /error 200", undefined],
  ];
  for (const [line, level] of cases) expect([line, levelOf(line)]).toEqual([line, level as never]);
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
