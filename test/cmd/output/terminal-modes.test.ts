// What a task sets on a terminal is set back: sequences put to a real terminal (xterm's, without a window), and then
// what undoes them; afterwards it must be as one that nobody has touched.
import { expect, test } from "bun:test";
import { Terminal } from "@xterm/headless";
import { TerminalModes } from "../../../src/cmd/output/terminal-modes.ts";

const esc = "\x1b";

const cases: [what: string, text: string, undo: string][] = [
  ["a hidden cursor", `${esc}[?25l`, `${esc}[?25h`],
  ["the other screen", `${esc}[?1049h`, `${esc}[?1049l`],
  ["line drawing", `${esc}(0`, `${esc}(B`],
  ["the other character set", "\x0e", "\x0f"],
  ["the mouse", `${esc}[?1000h${esc}[?1006h`, `${esc}[?1000l${esc}[?1006l`],
  ["pastes in brackets", `${esc}[?2004h`, `${esc}[?2004l`],
  ["several at once", `${esc}[?1002;1003h`, `${esc}[?1002l${esc}[?1003l`],
  ["no wrapping", `${esc}[?7l`, `${esc}[?7h`],
  ["keypad and cursor keys", `${esc}[?1h${esc}=`, `${esc}[?1l${esc}>`],
  ["inserting", `${esc}[4h`, `${esc}[4l`],
  ["margins", `${esc}[2;3r`, `${esc}7${esc}[r${esc}8`],
  ["the form of the cursor", `${esc}[5 q`, `${esc}[0 q`],
  ["kitty's keyboard", `${esc}[>1u`, `${esc}[<99u`],
  ["xterm's keyboard", `${esc}[>4;2m`, `${esc}[>4m`],
  ["colours of the terminal", `${esc}]11;red\x07${esc}]4;1;blue${esc}\\`, `${esc}]111\x07${esc}]104\x07`],
  ["the title", `${esc}]2;mine\x07`, `${esc}[23;0t`],
  ["a colour", `${esc}[31m`, ""],
];

test.each(cases)("%s, in one piece and byte by byte", (_what, text, undo) => {
  const whole = new TerminalModes();
  whole.take(`a${text}b`);
  expect(whole.undo()).toBe(`\x18${undo}${esc}[0m`);
  expect(whole.undo()).toBe("");
  const bytes = new TerminalModes();
  for (const character of `a${text}b`) bytes.take(character);
  expect(bytes.undo()).toBe(`\x18${undo}${esc}[0m`);
});

test.each([
  ["nothing", "plain text\r\n"],
  [
    "what the task has set back itself",
    `${esc}[?25l${esc}[?1049h${esc}(0${esc}[31m${esc}[?1049l${esc}(B${esc}[?25h${esc}[m`,
  ],
  ["all, by a reset", `${esc}[?25l${esc}[?1000h${esc}c`],
])("%s needs no undoing", (_what, text) => {
  const modes = new TerminalModes();
  modes.take(text);
  expect(modes.undo()).toBe("");
});

test.each([`${esc}]0;open`, `${esc}P1$`, `${esc}[3`, `${esc}_x`, `${esc}]52;c;b3duZWQ=${esc}`])(
  "%j is cancelled, and not carried out",
  (text) => {
    const modes = new TerminalModes();
    modes.take(text);
    expect(modes.undo()).toStartWith("\x18");
  },
);

test("a terminal is as it was before", async () => {
  const terminal = new Terminal({ cols: 40, rows: 8, allowProposedApi: true });
  const write = (text: string) => new Promise<void>((done) => terminal.write(text, done));
  const before = { ...terminal.modes };
  const modes = new TerminalModes();
  const text = cases.map(([, sequence]) => sequence).join("x");
  modes.take(`${text}${esc}P open`);
  await write(`${text}${esc}P open`);
  expect(terminal.buffer.active.type).toBe("alternate");
  await write(modes.undo());
  await write("qqq");
  expect({ ...terminal.modes }).toEqual(before);
  expect(terminal.buffer.active.type).toBe("normal");
  const row = terminal.buffer.active.getLine(terminal.buffer.active.cursorY)?.translateToString(true) ?? "";
  expect(row).toEndWith("qqq");
  terminal.dispose();
});
