// What a terminal shows of a line: a table of lines, byte for byte, and the same put to a real terminal (xterm's, without
// a window), so that the table is not only what we think.
import { describe, expect, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import { cutText } from "../../../src/core/search/columns.ts";
import { screenOf } from "../../../src/core/search/line-screen.ts";
import { overwrittenTexts, seenText } from "../../../src/core/search/seen-text.ts";
import { sequenceOf } from "../../../src/core/search/text-style.ts";

const esc = "\x1b";

const cases: [what: string, line: string, seen: string][] = [
  ["plain text", "plain text", "plain text"],
  ["colours", `${esc}[31mred${esc}[0m on${esc}[m off`, "red on off"],
  ["a carriage return writes over, and leaves what is longer", "abcdef\rXY", "XYcdef"],
  ["of a progress bar the last state", "10%\r20%\r100%", "100%"],
  ["a carriage return before the newline", "done\r", "done"],
  ["several of them", "done\r\r", "done"],
  ["backspaces go back", "abc\b\bX", "aXc"],
  ["backspaces do not go further than the beginning", "a\b\b\bX", "X"],
  ["a spinner", "|\b/\b-\bdone", "done"],
  ["erasing to the end", `long line\r${esc}[Knew`, "new"],
  ["erasing to the beginning", `abcdef${esc}[3D${esc}[1KX`, "   Xef"],
  ["erasing all", `abc${esc}[2K\rX`, "X"],
  ["erasing below takes the rest of the row", `abcdef\r${esc}[JX`, "X"],
  ["erasing some", `abcdef\r${esc}[3XY`, "Y  def"],
  ["taking out", `abcdef\r${esc}[2PX`, "Xdef"],
  ["putting in", `abc\r${esc}[2@X`, "X abc"],
  ["moving right", `a${esc}[3Cb`, "a   b"],
  ["moving left", `abc${esc}[2DX`, "aXc"],
  ["moving to a column", `abc${esc}[2GX`, "aXc"],
  ["moving far right ends at the edge", `a${esc}[999C${esc}[3Dend`, `a${" ".repeat(75)}end`],
  ["saving and restoring the place", `ab${esc}7cdef${esc}8X`, "abXdef"],
  ["saving alone", `a${esc}7b`, "ab"],
  ["keypad modes", `a${esc}=b${esc}>c`, "abc"],
  ["character sets", `a${esc}(Bb`, "ab"],
  ["a title that BEL ends", `a${esc}]0;title\x07b`, "ab"],
  ["a title that ST ends", `a${esc}]2;title${esc}\\b`, "ab"],
  ["a picture of iTerm2", `a${esc}]1337;File=name=eA==:AAAA\x07b`, "ab"],
  ["a hyperlink leaves its text", `${esc}]8;;http://x${esc}\\text${esc}]8;;${esc}\\`, "text"],
  ["a device control string", `a${esc}P1$r0m${esc}\\b`, "ab"],
  ["a title that is not closed", `a${esc}]0;title`, "a"],
  ["half a sequence", `a${esc}[3`, "a"],
  ["modes", `a${esc}[?25lb${esc}[?1049hc`, "abc"],
  ["wide characters take two columns", "漢字\rX", "X 字"],
  ["half of a wide one", "漢字\r\x1b[CX", " X字"],
  ["an accent stays with its letter", "e\u0301x\rZ", "Zx"],
  ["an emoji of several", "\u{1f469}\u200d\u{1f4bb}x\rAB", "ABx"],
  ["tabs move to the next eighth", "a\tb\rX", "X\tb"],
  ["a tab over what is there only moves", "abcdefghij\r\tX", "abcdefghXj"],
];

describe("what is seen of a line", () => {
  test.each(cases)("%s", (_what, line, seen) => {
    expect(seenText(line)).toBe(seen);
    expect(
      screenOf(line)
        .map(({ text }) => text)
        .join(""),
    ).toBe(seen);
  });

  // On a terminal the modes lead to another screen.
  test.each(cases.filter(([what]) => what !== "modes"))(
    "a terminal agrees: %s",
    async (_what, line, seen) => {
      const terminal = new Terminal({ cols: 80, rows: 5, allowProposedApi: true });
      await new Promise<void>((done) => terminal.write(line, done));
      const row = terminal.buffer.active.getLine(0)?.translateToString(true) ?? "";
      const asSpaces = seen.replace(/^([^\t]*)\t/, (_, before: string) => before.padEnd(8));
      expect(row.trimEnd()).toBe(asSpaces.trimEnd());
      terminal.dispose();
    },
  );
});

test("what was written over is kept, without what the line shows at its end", () => {
  expect(overwrittenTexts("10%\r20%\r30%")).toEqual(["10%", "20%"]);
  expect(overwrittenTexts("abcdef\rXY")).toEqual(["abcdef", "XY"]);
  expect(overwrittenTexts("done\r")).toEqual([]);
  expect(overwrittenTexts(`${esc}[31mred`)).toEqual([]);
});

test("8-bit controls hide no text: broken encodings are full of them", () => {
  expect(seenText("\u009d0;not a title\u009cx")).toBe("\u009d0;not a title\u009cx");
});

describe("colours", () => {
  const styleOf = (line: string) => screenOf(line).at(-1)?.style;
  test.each([
    [`${esc}[31mred\rX`, { colour: 1, marks: [] }],
    [`${esc}[1;92mx`, { colour: 10, marks: ["bold"] }],
    [`${esc}[4:3mx`, { marks: ["underline"] }],
    [`${esc}[4:3m${esc}[4:0mx`, { marks: [] }],
    [`${esc}[58:2::1:2:3mx`, { marks: [] }],
    [`${esc}[58;2;1;2;3mx`, { marks: [] }],
    [`${esc}[58;5;2;1mx`, { marks: ["bold"] }],
    [`${esc}[38:2::1:2:3mx`, { colour: [1, 2, 3], marks: [] }],
    [`${esc}[38:2:1:2:3mx`, { colour: [1, 2, 3], marks: [] }],
    [`${esc}[38;2;1;2;3;4mx`, { colour: [1, 2, 3], marks: ["underline"] }],
    [`${esc}[48:5:196mx`, { background: 196, marks: [] }],
    [`${esc}[38;5;999mx`, { marks: [] }],
    [`${esc}[31m${esc}[39mx`, { marks: [] }],
    [`${esc}[1;2;3m${esc}[22mx`, { marks: ["italic"] }],
    [`${esc}[31m${esc}[mx`, { marks: [] }],
    [`${esc}[>4;1mx`, { marks: [] }],
    [`${esc}[?4mx`, { marks: [] }],
  ])("%j", (line, style) => {
    expect(styleOf(line)).toEqual(style as never);
  });

  test("a colour that was set before a carriage return is that of what follows it", () => {
    expect(screenOf(`${esc}[32m10%\r20% ${esc}[0mok`)).toEqual([
      { text: "20% ", style: { colour: 2, marks: [] } },
      { text: "ok", style: { marks: [] } },
    ]);
  });

  test.each([`${esc}[31;1m`, `${esc}[38;5;99;48;2;1;2;3;9m`, `${esc}[97;103;7m`])(
    "%j is written again as what it means",
    (sequence) => {
      const [piece] = screenOf(`${sequence}x`);
      expect(screenOf(`${sequenceOf(piece?.style ?? { marks: [] })}x`)).toEqual([piece as never]);
    },
  );
});

test("cuts fall between characters", () => {
  expect(cutText("abc", 3)).toBe("abc");
  expect(cutText("ab\u{1f600}", 3)).toBe("ab");
  expect(cutText("abe\u0301", 3)).toBe("ab");
  expect(cutText("\u{1f469}\u200d\u{1f4bb}x", 4)).toBe("");
  const marks = `e${"\u0301".repeat(5000)}`;
  expect(cutText(marks, 1000)).toHaveLength(1000);
});

test("a line of the greatest length takes its time and no more", () => {
  const lines = [
    `${"a".repeat(1e6)}\rX`,
    `${"é漢".repeat(3e5)}\rX`,
    "a".repeat(1e5) + `${esc}[1G${esc}[1@`.repeat(1e5),
    "\t\r".repeat(5e5),
    `e${"\u0301".repeat(5e5)}\rX`,
    `${esc}]`.repeat(5e5),
    `${esc}[`.repeat(5e5),
    `${esc}k`.repeat(5e5),
  ];
  for (const line of lines) {
    const startedMs = performance.now();
    seenText(line);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  }
});
