// The place behind the lines taken, by counting alone.
import { describe, expect, test } from "bun:test";
import type { Taken } from "../../../../src/core/engine/output.ts";
import { CountedLines } from "../../../../src/core/engine/takeover/counted-lines.ts";
import { LineBatchBuilder, type StreamName, stderrFlag } from "../../../../src/core/log/line-batch.ts";

type Lines = readonly (readonly [StreamName, string])[];

/** As an attach would have delivered them. */
function takenOf(lines: Lines): Taken {
  const builder = new LineBatchBuilder();
  for (const [stream, text] of lines) {
    const bytes = Buffer.from(text);
    builder.add(bytes, 0, bytes.length, { seconds: 0, nanos: 0 }, stream === "stderr" ? stderrFlag : 0);
  }
  const count = (name: StreamName): number => lines.filter(([stream]) => stream === name).length;
  return {
    ...{ stdout: count("stdout"), stderr: count("stderr"), isExact: true },
    ...{ lastSeq: () => lines.length, lastStamp: undefined },
    lastLines: async () => (lines.length === 0 ? [] : [builder.build(1)]),
  };
}

const out = (...texts: string[]): Lines => texts.map((text) => ["stdout", text]);
const err = (...texts: string[]): Lines => texts.map((text) => ["stderr", text]);

describe("counted lines", () => {
  test.each<[string, Lines, Lines, string[], boolean]>([
    ["nothing taken", [], out("a"), ["a"], true],
    ["a beginning taken", out("a", "b"), out("a", "b", "c"), ["c"], true],
    ["equal lines only", out("x", "x", "x"), out("x", "x", "x", "x", "x"), ["x", "x"], true],
    ["the same again after a restart", out("a", "b"), out("a", "b", "a", "b"), ["a", "b"], true],
    [
      "streams in another order",
      [...out("a"), ...err("e"), ...out("b")],
      [...err("e", "f"), ...out("a", "b", "c")],
      ["f", "c"],
      true,
    ],
    ["more taken than logged", out("a", "b"), out("a"), [], false],
    ["other lines where they are counted", out("a", "b"), out("a", "y", "c"), ["c"], false],
    ["bytes that are no text", out("a\ufffdb"), out("a\ufffd\ufffd\ufffdb", "c"), ["c"], true],
    ["the end of a terminal's line", out("a"), out("a\r", "b\r"), ["b\r"], true],
  ])("%s", async (_, taken, logged, rest, agrees) => {
    const counted = await CountedLines.behind(takenOf(taken));
    const left = logged.filter(
      ([stream, text]) => !counted.leavesOut({ stream, bytes: Buffer.from(`${text}\n`) }),
    );
    expect(left.map(([, text]) => text)).toEqual(rest);
    expect(counted.agrees).toBe(agrees);
  });
});
