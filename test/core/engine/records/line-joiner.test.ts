// Lines out of records: whole ones, and pieces that are marked where something is missing.
import { describe, expect, test } from "bun:test";
import { LineJoiner } from "../../../../src/core/engine/records/line-joiner.ts";
import { logPartBytes } from "../../../../src/core/engine/records/record-format.ts";
import type { StreamName } from "../../../../src/core/log/line-batch.ts";
import { LineSplitter } from "../../../../src/core/log/line-splitter.ts";

const part = "p".repeat(logPartBytes);
/** A character of four bytes that is cut in two by the end of a part. */
const before = Buffer.concat([Buffer.from("p".repeat(logPartBytes - 2)), Buffer.from("😀").subarray(0, 2)]);
const after = Buffer.concat([Buffer.from("😀").subarray(2), Buffer.from("end\n")]);

type Step = readonly [StreamName, string | Uint8Array] | "gap";

/** What a log has of these records, as a viewer sees it; a cut line is in brackets. */
function linesOf(steps: readonly Step[]): string[] {
  const joiner = new LineJoiner();
  const splitter = new LineSplitter({ tty: false });
  const stamp = { seconds: 1, nanos: 0 };
  for (const step of steps) {
    const record = step === "gap" ? undefined : { stream: step[0], bytes: Buffer.from(step[1]) };
    const lines = record === undefined ? joiner.breakOff() : [joiner.add(record)];
    for (const line of lines) if (line) splitter.push(line.stream, line.bytes, stamp, line.isCut);
  }
  for (const { stream, bytes, isCut } of joiner.rest()) splitter.push(stream, bytes, stamp, isCut);
  return [...(splitter.take()?.lines() ?? [])].map(({ text, cut }) => {
    const short = text.replaceAll(/p{9,}/g, (run) => `<${run.length}>`);
    return cut ? `[${short}]` : short;
  });
}

describe("records", () => {
  test.each<[string, Step[], string[]]>([
    [
      "lines",
      [
        ["stdout", "a\n"],
        ["stderr", "b\n"],
        ["stdout", "\n"],
      ],
      ["a", "b", ""],
    ],
    [
      "parts of one line",
      [
        ["stdout", part],
        ["stdout", "end\n"],
      ],
      [`<${logPartBytes}>end`],
    ],
    [
      "parts of two streams between each other",
      [
        ["stdout", part],
        ["stderr", part],
        ["stdout", "o\n"],
        ["stderr", "e\n"],
      ],
      [`<${logPartBytes}>o`, `<${logPartBytes}>e`],
    ],
    [
      "a character that is cut by two parts",
      [
        ["stdout", before],
        ["stdout", after],
      ],
      [`<${logPartBytes - 2}>😀end`],
    ],
    [
      "the end of a run, and the next run",
      [
        ["stdout", "torn"],
        ["stdout", "first\n"],
      ],
      ["torn", "first"],
    ],
    ["a last line of exactly one part", [["stdout", part]], [`<${logPartBytes}>`]],
    [
      "lines around a gap",
      [["stdout", "a\n"], "gap", ["stdout", "b\n"], ["stdout", "c\n"]],
      ["a", "[b]", "c"],
    ],
    [
      "a gap in the middle of a part, of each stream for itself",
      [["stdout", part], "gap", ["stdout", "end\n"], ["stderr", "e\n"], ["stderr", "f\n"]],
      [`[<${logPartBytes}>]`, "[end]", "[e]", "f"],
    ],
    [
      "a gap in the middle of a character",
      [["stdout", before], "gap", ["stdout", after]],
      [`[<${logPartBytes - 2}>]`, "[end]"],
    ],
    [
      "two gaps in a row",
      [["stdout", part], "gap", "gap", ["stdout", "x\n"]],
      [`[<${logPartBytes}>]`, "[x]"],
    ],
    ["the end of a line whose beginning is gone", ["gap", ["stdout", "\n"], ["stdout", "x\n"]], ["[]", "x"]],
  ])("%s", (_, steps, expected) => {
    expect(linesOf(steps)).toEqual(expected);
  });
});
