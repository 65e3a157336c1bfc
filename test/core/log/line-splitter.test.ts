import { describe, expect, test } from "bun:test";
import { lineBytesMax } from "../../../src/core/base/limits.ts";
import type { StreamName } from "../../../src/core/log/line-batch.ts";
import { LineSplitter } from "../../../src/core/log/line-splitter.ts";

const someStamp = { seconds: 5, nanos: 6 };
type Chunk = [stream: StreamName, bytes: string | Uint8Array];

/** What the chunks become: "stdout:text", with "!" behind a line that was cut. */
function split(chunks: Chunk[], tty = false): string[] {
  const splitter = new LineSplitter({ tty });
  const lines: string[] = [];
  const collect = (): void => {
    for (const line of splitter.take()?.lines() ?? [])
      lines.push(`${line.stream}:${line.text}${line.cut ? "!" : ""}`);
  };
  for (const [stream, bytes] of chunks) {
    splitter.push(stream, Buffer.from(bytes as string), someStamp);
    collect();
  }
  splitter.end(someStamp);
  collect();
  return lines;
}

const cases: [name: string, chunks: Chunk[], lines: string[]][] = [
  ["nothing at all", [], []],
  ["an empty chunk", [["stdout", ""]], []],
  ["one line", [["stdout", "a\n"]], ["stdout:a"]],
  ["an empty line", [["stdout", "\n"]], ["stdout:"]],
  ["many empty lines", [["stdout", "\n\n\n"]], ["stdout:", "stdout:", "stdout:"]],
  ["a last line without newline", [["stdout", "a\nb"]], ["stdout:a", "stdout:b"]],
  [
    "a line in three chunks",
    [
      ["stdout", "a"],
      ["stdout", "b"],
      ["stdout", "c\n"],
    ],
    ["stdout:abc"],
  ],
  [
    "a newline alone in a chunk",
    [
      ["stdout", "a"],
      ["stdout", "\n"],
    ],
    ["stdout:a"],
  ],
  [
    "both streams with unfinished lines between each other",
    [
      ["stdout", "out-"],
      ["stderr", "err-"],
      ["stdout", "1\n"],
      ["stderr", "1\n"],
    ],
    ["stdout:out-1", "stderr:err-1"],
  ],
  ["a carriage return, kept without a terminal", [["stdout", "10%\r20%\r\n"]], ["stdout:10%\r20%\r"]],
  ["NUL", [["stdout", "a\0b\n"]], ["stdout:a\0b"]],
  ["a byte order mark", [["stdout", "\ufeffa\n"]], ["stdout:\ufeffa"]],
  ["a byte that is not UTF-8", [["stdout", Buffer.from([0x61, 0xff, 0x62, 10])]], ["stdout:a\ufffdb"]],
  [
    "a bad line between good ones",
    [["stdout", Buffer.concat([Buffer.from("ä\n"), Buffer.from([0xc3, 10]), Buffer.from("ö\n")])]],
    ["stdout:ä", "stdout:\ufffd", "stdout:ö"],
  ],
  [
    "a character cut between two chunks",
    [
      ["stdout", Buffer.from([0xe2, 0x82])],
      ["stdout", Buffer.from([0xac, 10])],
    ],
    ["stdout:€"],
  ],
];

describe("LineSplitter", () => {
  for (const [name, chunks, lines] of cases) {
    test(`lines - ${name}`, () => expect(split(chunks)).toEqual(lines));
  }

  test("lines - cut into chunks at every byte, the lines are the same", () => {
    const bytes = Buffer.from("erste\n€uro und \ud83d\ude00\n\nletzte ohne Ende");
    const whole = split([["stdout", bytes]]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      expect(
        split([
          ["stdout", bytes.subarray(0, cut)],
          ["stdout", bytes.subarray(cut)],
        ]),
      ).toEqual(whole);
    }
  });

  test("terminal - the carriage return before a newline is taken off, others stay", () => {
    expect(split([["stdout", "a\rb\r\nc\r\n"]], true)).toEqual(["stdout:a\rb", "stdout:c"]);
  });

  test("long lines - one of exactly the limit is whole, one byte more is cut and marked", () => {
    const most = "x".repeat(lineBytesMax);
    expect(split([["stdout", `${most}\nafter\n`]])).toEqual([`stdout:${most}`, "stdout:after"]);
    expect(split([["stdout", `${most}y\nafter\n`]])).toEqual([`stdout:${most}!`, "stdout:after"]);
  });

  test("long lines - the cut never splits a character", () => {
    const text = `x${"€".repeat(lineBytesMax / 3 + 5)}`;
    const [line] = split([["stdout", `${text}\n`]]);
    expect(line?.endsWith("€!")).toBe(true);
    expect(Buffer.byteLength(line as string)).toBeLessThanOrEqual(lineBytesMax + "stdout:!".length);
  });

  test("long lines - a line of 64 MiB in small chunks holds no more than the limit", () => {
    const splitter = new LineSplitter({ tty: false });
    const chunk = Buffer.alloc(65536, "z");
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 1024; count++) splitter.push("stdout", chunk, someStamp);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * lineBytesMax);
    splitter.push("stdout", Buffer.from("\nnext\n"), someStamp);
    expect(splitter.take()?.count).toBe(2);
  });

  test("long lines - bad bytes that grow to three are cut again", () => {
    const [line] = split([["stdout", Buffer.concat([Buffer.alloc(lineBytesMax, 0xff), Buffer.from("\n")])]]);
    expect(line?.endsWith("\ufffd!")).toBe(true);
  });

  test("partial - shows the text that has no newline yet, and nothing once it has", () => {
    const splitter = new LineSplitter({ tty: false });
    splitter.push("stdout", Buffer.from("done\nName: "), someStamp);
    expect(Buffer.from(splitter.partial("stdout") as Uint8Array).toString()).toBe("Name: ");
    expect(splitter.partial("stderr")).toBeUndefined();
    splitter.push("stdout", Buffer.from("x\n"), someStamp);
    expect(splitter.partial("stdout")).toBeUndefined();
  });
});
