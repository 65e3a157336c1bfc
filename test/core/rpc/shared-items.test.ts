// A batch for many viewers is made and encoded once, also for those who read the past at different places.
import { expect, test } from "bun:test";
import { partsOf } from "../../../src/core/log/parts.ts";
import { fromWire, toWire } from "../../../src/core/rpc/log-item-codec.ts";
import { SharingMasterService, toSharedWire } from "../../../src/core/rpc/shared-items.ts";
import { batchOf, numberedLines } from "../log/batches.ts";

const { responseSerialize, responseDeserialize } = SharingMasterService.streamTaskLogs;

test("parts - end at the same numbers wherever a viewer begins", () => {
  const piece = numberedLines(8, 25);
  const numbers = (from: number) =>
    [...partsOf(piece.slice(from, piece.count), piece.count - from, 10)].map(({ firstSeq, lastSeq }) => [
      firstSeq,
      lastSeq,
    ]);
  expect(numbers(0)).toEqual([
    [8, 10],
    [11, 20],
    [21, 30],
    [31, 32],
  ]);
  expect(numbers(5)).toEqual([
    [13, 20],
    [21, 30],
    [31, 32],
  ]);
  expect([...partsOf(piece, 4, 10)].map(({ lastSeq }) => lastSeq)).toEqual([10, 11]);
});

test("sharing - the same lines of one memory are one message and one encoding, others are not", () => {
  const piece = batchOf("one", "two", "three");
  const message = (from: number, to: number, compress = false) =>
    toSharedWire({ kind: "batch", batch: piece.slice(from, to) }, compress);
  expect(message(0, 2)).toBe(message(0, 2));
  expect(responseSerialize(message(0, 2))).toBe(responseSerialize(message(0, 2)));
  expect(message(0, 3)).not.toBe(message(0, 2));
  expect(message(0, 2, true)).not.toBe(message(0, 2));
  for (const [from, to] of [
    [0, 2],
    [1, 3],
    [0, 3],
  ] as const) {
    const came = fromWire(responseDeserialize(responseSerialize(message(from, to))));
    expect(came).toEqual(fromWire(toWire({ kind: "batch", batch: piece.slice(from, to) })));
  }
});
