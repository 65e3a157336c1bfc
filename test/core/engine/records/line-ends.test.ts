// Which records are left out when a reader goes on behind a place: whole lines, however the streams' parts lie.
import { expect, test } from "bun:test";
import { LineEnds } from "../../../../src/core/engine/records/line-ends.ts";
import type { LogRecord } from "../../../../src/core/engine/records/record-format.ts";

const part = (stream: LogRecord["stream"], letter: string): LogRecord => ({
  stream,
  bytes: Buffer.alloc(16 * 1024, letter),
});
const line = (stream: LogRecord["stream"], text: string): LogRecord => ({
  stream,
  bytes: Buffer.from(`${text}\n`),
});

test("a line that had begun when the last one was taken comes whole, and one that was taken not at all", () => {
  const records = [
    part("stdout", "a"),
    part("stderr", "b"),
    line("stderr", "end of b"),
    part("stdout", "a"),
    line("stdout", "end of a"),
    line("stderr", "c"),
  ];
  const [a1, , , a2, a3, c] = records as [LogRecord, LogRecord, LogRecord, LogRecord, LogRecord, LogRecord];
  const left = (skipLines: number): LogRecord[] => {
    const ends = new LineEnds(skipLines);
    const out: LogRecord[] = [];
    for (const record of records) ends.take(record, out);
    expect(ends.isBetween).toBe(true);
    return out;
  };
  expect(left(0)).toEqual(records);
  expect(left(1)).toEqual([a1, a2, a3, c]);
  expect(left(2)).toEqual([c]);
  expect(left(3)).toEqual([]);
});

test("a place is between two lines only: not in a long one, but behind text that ends its stream", () => {
  const ends = new LineEnds();
  ends.take(part("stdout", "a"), []);
  expect(ends.isBetween).toBe(false);
  ends.take({ stream: "stdout", bytes: Buffer.from("no newline") }, []);
  expect(ends.isBetween).toBe(true);
});
