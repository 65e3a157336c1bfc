// What counts as a key: each case is bytes as they arrive, in one piece and byte by byte.
import { expect, test } from "bun:test";
import { KeyScanner } from "../../../src/cmd/output/key-scanner.ts";

const esc = "\x1b";
const cases: [what: string, typed: string, key: "key" | "interrupt" | undefined][] = [
  ["a letter", "q", "key"],
  ["return", "\r", "key"],
  ["Ctrl-C", "\x03", "interrupt"],
  ["Ctrl-C within a sequence that does not end", `${esc}]11;rgb\x03`, "interrupt"],
  ["where the cursor is (ESC[6n)", `${esc}[12;40R`, undefined],
  ["what the terminal is (ESC[c)", `${esc}[?62;22c`, undefined],
  ["which version it is (ESC[>q)", `${esc}P>|XTerm(380)${esc}\\`, undefined],
  ["its background (OSC 11;?), ended by BEL", `${esc}]11;rgb:0000/0000/0000\x07`, undefined],
  ["its background, ended by ST", `${esc}]11;rgb:0000/0000/0000${esc}\\`, undefined],
  ["its clipboard (OSC 52;?)", `${esc}]52;c;b3duZWQ=${esc}\\`, undefined],
  ["a status (DECRQSS)", `${esc}P1$r0m${esc}\\`, undefined],
  ["focus", `${esc}[I${esc}[O`, undefined],
  ["the mouse", `${esc}[<0;10;5M${esc}[<0;10;5m`, undefined],
  ["an old mouse", `${esc}[M !!`, undefined],
  ["an arrow", `${esc}[A`, undefined],
  ["an arrow, keypad mode", `${esc}OA`, undefined],
  ["a letter with Alt", `${esc}x`, undefined],
  ["several answers", `${esc}[1;1R${esc}[?1;2c${esc}]11;?\x07`, undefined],
  ["an answer, then a letter", `${esc}[1;1Rq`, "key"],
  ["ESC within an answer begins another", `${esc}[1;${esc}[2R`, undefined],
];

test.each(cases)("%s", (_what, typed, key) => {
  expect(new KeyScanner().take(Buffer.from(typed))).toBe(key);
  const scanner = new KeyScanner();
  const found = [...Buffer.from(typed)].map((byte) => scanner.take(Uint8Array.of(byte)));
  expect(found.find((one) => one !== undefined)).toBe(key);
});

test("ESC alone is known to wait for what follows", () => {
  const scanner = new KeyScanner();
  expect(scanner.take(Buffer.from(esc))).toBeUndefined();
  expect(scanner.isAtEscape).toBe(true);
  scanner.take(Buffer.from("[A"));
  expect(scanner.isAtEscape).toBe(false);
});
