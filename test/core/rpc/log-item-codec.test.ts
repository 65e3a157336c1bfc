import { expect, test } from "bun:test";
import { zstdCompressSync } from "node:zlib";
import { lineBytesMax } from "../../../src/core/base/limits.ts";
import { cutFlag, type LineBatch, LineBatchBuilder, stderrFlag } from "../../../src/core/log/line-batch.ts";
import type { Completion, LogItem } from "../../../src/core/log/log-item.ts";
import { LogItem as WireItem } from "../../../src/core/rpc/gen/tasklog/v1/log.ts";
import { fromWire, toWire } from "../../../src/core/rpc/log-item-codec.ts";
import { linesItem } from "./worker-fixture.ts";

type Row = readonly [text: string, seconds: number, nanos: number, flags: number];

function batchOf(firstSeq: number, rows: readonly Row[]): LineBatch {
  const builder = new LineBatchBuilder();
  for (const [text, seconds, nanos, flags] of rows) {
    const bytes = Buffer.from(text);
    builder.add(bytes, 0, bytes.length, { seconds, nanos }, flags);
  }
  return builder.build(firstSeq);
}

/** Through the bytes that go over the wire. */
function travel(item: LogItem, compress = false): LogItem {
  return fromWire(WireItem.decode(Buffer.from(WireItem.encode(toWire(item, compress)).finish())));
}

function linesOf(item: LogItem) {
  if (item.kind !== "batch") throw new Error(`not a batch: ${item.kind}`);
  return [...item.batch.lines()];
}

const mixed = batchOf(4711, [
  ["one", 1_764_000_000, 1, 0],
  ["two", 1_764_000_000, 1, 0],
  ["", 1_764_000_000, 1, 0],
  ["err", 1_764_000_000, 1, stderrFlag],
  ["later", 1_764_000_001, 999_999_999, stderrFlag],
  ["cut", 1_763_999_999, 0, cutFlag],
  ["cut err", 1_763_999_999, 0, cutFlag | stderrFlag],
  ["naïve 🦊 \ufffd \u0000", 4_294_967_295, 5, 0],
  ["", 1, 0, 0],
]);

test.each([false, true])("a batch of every kind of line arrives as it was (compressed: %p)", (compress) => {
  expect(linesOf(travel({ kind: "batch", batch: mixed }, compress))).toEqual([...mixed.lines()]);
});

test("a slice of a batch arrives as that slice", () => {
  const slice = mixed.slice(2, 6);
  expect(linesOf(travel({ kind: "batch", batch: slice }))).toEqual([...slice.lines()]);
});

test.each([false, true])("a line of 1 MiB arrives (compressed: %p)", (compress) => {
  const text = Buffer.alloc(lineBytesMax, "é").toString();
  const [line] = linesOf(travel({ kind: "batch", batch: batchOf(1, [[text, 1, 2, cutFlag]]) }, compress));
  expect(line?.text === text && line.cut).toBe(true);
});

test("a batch is compressed only when asked, and when it is worth it", () => {
  const large = linesItem(1, 256);
  expect(toWire(large).item?.$case).toBe("batch");
  expect(toWire(large, true).item?.$case).toBe("zstd");
  expect(toWire(linesItem(1, 1), true).item?.$case).toBe("batch");
});

const completion: Completion = {
  status: "failed",
  exitCode: 0,
  signal: "",
  reason: "timeout",
  message: "took too long",
  lastSeq: 2 ** 53 - 1,
  lines: 2 ** 53 - 2,
  bytes: 2 ** 40,
  startedMs: 1_764_000_000_000,
  finishedMs: 1_764_000_000_001,
  checksum: "abc",
};

test.each<LogItem>([
  { kind: "start", epoch: "e1", firstSeq: 1, nextSeq: 2 ** 40, recovered: false },
  { kind: "gap", fromSeq: 5, toSeq: 9, count: 0, reason: "disk full" },
  { kind: "gap", fromSeq: 5, toSeq: 0, count: undefined, reason: "engine" },
  { kind: "status", status: "pending", detail: "no free slot", progress: undefined },
  {
    kind: "status",
    status: "starting",
    detail: "",
    progress: { what: "pull", currentBytes: 1, totalBytes: 2, message: "m" },
  },
  { kind: "partial", stream: "stderr", text: Buffer.from("50 %"), seconds: 3, nanos: 4 },
  { kind: "complete", completion },
  { kind: "complete", completion: { ...completion, exitCode: undefined, status: "lost" } },
])("%j arrives as it was", (item) => {
  expect(travel(item)).toEqual(item);
});

const wire = (value: object) =>
  WireItem.fromPartial({
    item: {
      $case: "batch",
      value: { firstSeq: 1, text: Buffer.from("a\nb\n"), length: [1, 1], runs: [{ lines: 2 }], ...value },
    },
  });

test.each([
  ["lengths beyond the text", wire({ length: [1, 9] })],
  ["a huge length", wire({ length: [1, 0xffffffff] })],
  ["text beyond the lengths", wire({ length: [1], runs: [{ lines: 1 }] })],
  ["an end that is no newline", wire({ length: [0, 2] })],
  ["fewer stamps than lines", wire({ runs: [{ lines: 1 }] })],
  ["more stamps than lines", wire({ runs: [{ lines: 0xffffffff }] })],
  ["no lines at all", wire({ text: Buffer.alloc(0), length: [], runs: [] })],
  ["no item", WireItem.fromPartial({})],
  [
    "a frame that is no zstd",
    WireItem.fromPartial({ item: { $case: "zstd", value: Buffer.from("nonsense") } }),
  ],
  [
    "a frame that grows beyond all bounds",
    WireItem.fromPartial({
      item: { $case: "zstd", value: zstdCompressSync(Buffer.alloc(64 * 1024 * 1024)) },
    }),
  ],
  [
    "a frame in a frame",
    WireItem.fromPartial({
      item: {
        $case: "zstd",
        value: zstdCompressSync(WireItem.encode(toWire(linesItem(1, 99), true)).finish()),
      },
    }),
  ],
])("%s is refused as one error", (_what, item) => {
  expect(() => fromWire(item)).toThrow(expect.objectContaining({ code: "internal" }));
});
