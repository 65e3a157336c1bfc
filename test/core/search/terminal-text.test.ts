// What a task may write on somebody's terminal: put to a real terminal (xterm's, without a window), which must answer
// nothing, and be as it was.
import { expect, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import { prefixedText, terminalText } from "../../../src/core/search/terminal-text.ts";

const esc = "\x1b";
const end = `${esc}[0m`;

const cases: [line: string, shown: string][] = [
  [`${esc}[31mred${esc}[0m`, `${esc}[31mred${esc}[0m${end}`],
  [`${esc}[4:3mcurly${esc}[0m`, `${esc}[4:3mcurly${esc}[0m${end}`],
  [`a${esc}[6nb${esc}[cc`, "abc"],
  [`a${esc}]11;?\x07b\x05`, "ab\u2405"],
  [`a${esc}]52;c;b3duZWQ=\x07b`, "ab"],
  [`a${esc}P1$r`, "a"],
  [`${esc}c${esc}[2Jab`, "ab"],
  [`${esc}[?25l${esc}[?1049h${esc}(0${esc}[?1000h${esc}[?2004hx`, "x"],
  [`${esc}[>4;2mx${esc}[?4m`, "x"],
  ["\x9b31mx\x9d0;t\x9c", "\ufffd31mx\ufffd0;t\ufffd"],
  ["a\u202eb", "a\ufffdb"],
  ["bell\x07", "bell\u2407"],
  ["10%\r20%", "20%"],
  ["abcdef\rXY\r", "XYcdef"],
  [`${esc}[32m10%\r20%`, `${esc}[0;32m20%${end}`],
  [`half ${esc}[3`, "half "],
  ["tab\tstays", "tab\tstays"],
];

test.each(cases)("%j is shown as %j", async (line, shown) => {
  expect(terminalText(line)).toBe(shown);
  const terminal = new Terminal({ cols: 80, rows: 5, allowProposedApi: true });
  const before = { ...terminal.modes };
  const answers: string[] = [];
  const titles: string[] = [];
  terminal.onData((data) => answers.push(data));
  terminal.onTitleChange((title) => titles.push(title));
  await new Promise<void>((done) => terminal.write(`first\r\n${terminalText(line)}\r\n|`, done));
  expect([answers, titles, { ...terminal.modes }]).toEqual([[], [], before]);
  expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("first");
  expect(terminal.buffer.active.getLine(2)?.translateToString(true)).toBe("|");
  terminal.dispose();
});

test("behind a prefix, for a pipe, all stays but what would write over the prefix", () => {
  expect(prefixedText("10%\r20%")).toBe("20%");
  expect(prefixedText("done\r")).toBe("done\r");
  expect(prefixedText(`${esc}]0;t\x07text`)).toBe(`${esc}]0;t\x07text`);
});
