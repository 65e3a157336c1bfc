import { expect, test } from "bun:test";
import { LineBatchBuilder, type StreamName } from "../../../src/core/log/line-batch.ts";
import type { LogItem } from "../../../src/core/log/log-item.ts";
import { type Selection, selectLines } from "../../../src/core/log/select-lines.ts";
import { add } from "./batches.ts";

async function seqsLeft(
  lines: [stream: StreamName, seconds: number][],
  selection: Selection,
): Promise<string[]> {
  const builder = new LineBatchBuilder();
  for (const [stream, seconds] of lines) add(builder, { stream, seconds, nanos: 5 });
  async function* items(): AsyncGenerator<LogItem> {
    yield { kind: "batch", batch: builder.build(1) };
    yield { kind: "gap", fromSeq: 9, toSeq: 9, reason: "r" };
  }
  const left = await Array.fromAsync(selectLines(items(), selection));
  return left.map((item) =>
    item.kind === "batch" ? `${item.batch.firstSeq}-${item.batch.lastSeq}` : item.kind,
  );
}

const linesCount: [StreamName, number][] = [
  ["stdout", 1],
  ["stderr", 2],
  ["stderr", 3],
  ["stdout", 2],
  ["stdout", 4],
];

test("streams - lines of others are left out, the rest keeps its numbers", async () => {
  expect(await seqsLeft(linesCount, { streams: ["stdout"] })).toEqual(["1-1", "4-5", "gap"]);
  expect(await seqsLeft(linesCount, { streams: ["stderr"] })).toEqual(["2-3", "gap"]);
  expect(await seqsLeft(linesCount, { streams: ["stdout", "stderr"] })).toEqual(["1-5", "gap"]);
});

test("until - ends before the first later line, also where time runs backwards", async () => {
  expect(await seqsLeft(linesCount, { untilTime: { seconds: 2, nanos: 5 } })).toEqual(["1-2"]);
  expect(await seqsLeft(linesCount, { untilTime: { seconds: 0, nanos: 0 } })).toEqual([]);
  expect(await seqsLeft(linesCount, { untilTime: { seconds: 9, nanos: 0 } })).toEqual(["1-5", "gap"]);
  expect(await seqsLeft(linesCount, { untilTime: { seconds: 3, nanos: 4 } })).toEqual(["1-2"]);
});
