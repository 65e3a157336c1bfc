import { expect, test } from "bun:test";
import type { LogItem } from "../../../src/core/log/log-item.ts";
import { SeqCursor, seqAfter } from "../../../src/core/log/seq-cursor.ts";
import { numberedLines } from "./batches.ts";

const start = (epoch: string, firstSeq: number, recovered = true): LogItem & { kind: "start" } => ({
  kind: "start",
  ...{ epoch, firstSeq, nextSeq: firstSeq + 100, recovered },
});
const lines = (from: number, to: number): LogItem & { kind: "batch" } => ({
  kind: "batch",
  batch: numberedLines(from, to - from + 1),
});
const gap = (fromSeq: number, toSeq: number): LogItem & { kind: "gap" } => ({
  kind: "gap",
  ...{ fromSeq, toSeq, reason: "gone" },
});
const status: LogItem = { kind: "status", status: "running", detail: "", progress: undefined };
const partial: LogItem = {
  kind: "partial",
  ...{ stream: "stdout", text: new Uint8Array(), seconds: 0, nanos: 0 },
};

test.each<[string, LogItem[], [epoch: string, nextSeq: number]]>([
  ["nothing yet", [], ["", 0]],
  ["a start", [start("a", 7)], ["a", 7]],
  ["lines", [start("a", 7), lines(7, 9)], ["a", 10]],
  ["a gap", [start("a", 7), lines(7, 9), gap(10, 20)], ["a", 21]],
  ["what takes no number", [start("a", 7), status, partial], ["a", 7]],
  ["the same lines again", [start("a", 1), lines(1, 9), lines(3, 5)], ["a", 10]],
  ["a gap that is known", [start("a", 1), lines(1, 9), gap(2, 4)], ["a", 10]],
  ["another log", [start("a", 7), lines(7, 9), start("b", 1, false)], ["b", 1]],
])("note - the place behind %s", (_what, items, place) => {
  const cursor = new SeqCursor();
  for (const item of items) cursor.note(item);
  expect([cursor.epoch, cursor.nextSeq]).toEqual(place);
});

test.each<[string, LogItem, string | undefined]>([
  ["lines ahead", lines(10, 12), "10-12"],
  ["lines further ahead", lines(15, 16), "15-16"],
  ["lines that are known", lines(7, 9), undefined],
  ["lines of which some are known", lines(8, 11), "10-11"],
  ["a gap ahead", gap(10, 12), "10-12"],
  ["a gap that is known", gap(3, 9), undefined],
  ["a gap that reaches on", gap(3, 10), "3-10"],
  ["a status", status, "status"],
])("unseen - of %s, with line 10 wanted next", (_what, item, expected) => {
  const cursor = new SeqCursor({ epoch: "a", nextSeq: 10 });
  const found = cursor.unseen(item);
  const text =
    found?.kind === "batch"
      ? `${found.batch.firstSeq}-${found.batch.lastSeq}`
      : found?.kind === "gap"
        ? `${found.fromSeq}-${found.toSeq}`
        : found?.kind;
  expect(text).toBe(expected);
});

test.each<[string, SeqCursor, LogItem & { kind: "start" }, boolean]>([
  ["the first one", new SeqCursor(), start("a", 1), true],
  ["the first one of a reader that named a log", new SeqCursor({ epoch: "a" }), start("a", 5), true],
  ["one that goes on", new SeqCursor({ epoch: "a", nextSeq: 5 }), start("a", 5), false],
  ["one of a log that was begun anew", new SeqCursor({ epoch: "a", nextSeq: 5 }), start("b", 1, false), true],
])("isNews - %s", (_what, cursor, item, expected) => {
  expect(cursor.isNews(item)).toBe(expected);
});

test.each<[string, string, boolean]>([
  ["a", "a", false],
  ["a", "b", true],
  ["", "b", false],
  ["a", "", false],
])("isOther - a reader of %p and the log %p", (epoch, other, expected) => {
  expect(new SeqCursor({ epoch }).isOther(other)).toBe(expected);
});

test("seqAfter - the number behind lines and behind a gap", () => {
  expect([seqAfter(lines(3, 5)), seqAfter(gap(3, 5))]).toEqual([6, 6]);
});
