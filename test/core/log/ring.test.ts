import { describe, expect, test } from "bun:test";
import { pageLinesMax } from "../../../src/core/base/limits.ts";
import { LineBatchBuilder } from "../../../src/core/log/line-batch.ts";
import { Ring } from "../../../src/core/log/ring.ts";
import { add, batchOf, numberedLines } from "./batches.ts";

function textsOf(ring: Ring, fromSeq: number, lines = 1e9, bytes = 1e9): string[] {
  return [...(ring.read(fromSeq, lines, bytes)?.lines() ?? [])].map((line) => `${line.seq} ${line.text}`);
}

describe("Ring", () => {
  test("read - any seq it holds, up to the bounds asked for", () => {
    const ring = new Ring(1);
    for (let seq = 1; seq <= 300; seq++) ring.push(numberedLines(seq, 1));
    expect(textsOf(ring, 1)).toHaveLength(300);
    expect(textsOf(ring, 299)).toEqual(["299 line 299", "300 line 300"]);
    expect(textsOf(ring, 60, 10)).toHaveLength(10);
    expect(textsOf(ring, 60, 10, 1)[0]).toBe("60 line 60");
    expect(ring.read(301, 10, 10)).toBeUndefined();
  });

  test("bounds - keeps the newest lines and at most one page more", () => {
    const ring = new Ring(1, { linesMax: 1000 });
    for (let seq = 1; seq <= 5000; seq += 7) ring.push(numberedLines(seq, 7));
    expect(ring.lines).toBeGreaterThanOrEqual(1000);
    expect(ring.lines).toBeLessThanOrEqual(1000 + pageLinesMax);
    expect(ring.read(1, 1, 1)).toBeUndefined();
    expect(textsOf(ring, ring.firstSeq)).toHaveLength(ring.lines);
  });

  test("bounds - one batch far larger than the ring leaves its newest lines", () => {
    const ring = new Ring(1, { linesMax: 10 });
    ring.push(numberedLines(1, 100_000));
    expect(ring.nextSeq).toBe(100_001);
    expect(textsOf(ring, 99_999)).toEqual(["99999 line 99999", "100000 line 100000"]);
  });

  test("bounds - bytes count, but the newest line stays however long it is", () => {
    const ring = new Ring(1, { bytesMax: 1000 });
    ring.push(batchOf("a", "x".repeat(5000)));
    expect(textsOf(ring, 2)).toEqual([`2 ${"x".repeat(5000)}`]);
    ring.push(batchOf("small").numbered(3));
    ring.push(numberedLines(4, pageLinesMax));
    expect(ring.read(2, 1, 1)).toBeUndefined();
  });

  test("views - what was read stays as it was while the ring goes on", () => {
    const ring = new Ring(1, { linesMax: 20 });
    ring.push(numberedLines(1, 3));
    const early = ring.read(1, 10, 1000);
    for (let seq = 4; seq < 1000; seq++) ring.push(numberedLines(seq, 1));
    expect([...(early?.lines() ?? [])].map((line) => line.text)).toEqual(["line 1", "line 2", "line 3"]);
  });

  test("columns - stream, mark and stamp survive the copy into pages", () => {
    const ring = new Ring(1);
    const builder = new LineBatchBuilder();
    add(builder, { text: "e", stream: "stderr", seconds: 9, nanos: 8 });
    add(builder, { text: "c", cut: true, seconds: 7, nanos: 6 });
    ring.push(builder.build(1));
    expect([...(ring.read(1, 9, 99)?.lines() ?? [])]).toEqual([
      { seq: 1, text: "e", stream: "stderr", cut: false, seconds: 9, nanos: 8 },
      { seq: 2, text: "c", stream: "stdout", cut: true, seconds: 7, nanos: 6 },
    ]);
  });
});
