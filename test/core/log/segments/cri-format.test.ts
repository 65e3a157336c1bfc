import { describe, expect, test } from "bun:test";
import { cutFlag, stderrFlag } from "../../../../src/core/log/line-batch.ts";
import {
  decodeLines,
  encodeLines,
  recordBytesMax,
  skipRecords,
} from "../../../../src/core/log/segments/cri-format.ts";
import { piecesOf } from "../../../../src/core/log/segments/pieces.ts";
import { Random } from "../../../helpers/random.ts";
import { fromBatch, randomLines, type TestLine, toBatch } from "./lines.ts";

const someStamp = { seconds: 1_795_420_313, nanos: 417_678_314 };

function encode(lines: TestLine[]): Buffer {
  const batch = toBatch(lines, 1);
  const target = Buffer.alloc(recordBytesMax(batch.count, batch.count === 0 ? 0 : batch.bytes));
  return target.subarray(0, batch.count === 0 ? 0 : encodeLines(batch, target, 0));
}

const records: [name: string, line: TestLine, record: string][] = [
  [
    "a line of stdout",
    { ...someStamp, flags: 0, text: "hello" },
    "2026-11-23T07:51:53.417678314Z stdout F hello\n",
  ],
  [
    "a line of stderr",
    { ...someStamp, flags: stderrFlag, text: "x" },
    "2026-11-23T07:51:53.417678314Z stderr F x\n",
  ],
  [
    "a cut line",
    { ...someStamp, flags: cutFlag, text: "x" },
    "2026-11-23T07:51:53.417678314Z stdout F:cut x\n",
  ],
  [
    "a cut line of stderr",
    { ...someStamp, flags: cutFlag | stderrFlag, text: "" },
    "2026-11-23T07:51:53.417678314Z stderr F:cut \n",
  ],
  ["an empty line", { ...someStamp, flags: 0, text: "" }, "2026-11-23T07:51:53.417678314Z stdout F \n"],
  [
    "leading zeros",
    { seconds: 0, nanos: 7, flags: 0, text: " " },
    "1970-01-01T00:00:00.000000007Z stdout F  \n",
  ],
  [
    "the last stamp",
    { seconds: 2 ** 32 - 1, nanos: 999_999_999, flags: 0, text: "\u0000\r€" },
    "2106-02-07T06:28:15.999999999Z stdout F \u0000\r€\n",
  ],
];

describe("the CRI format", () => {
  for (const [name, line, record] of records) {
    test(`${name} is written and read as it is`, () => {
      expect(encode([line]).toString()).toBe(record);
      const decoded = decodeLines(Buffer.from(record), 0, Buffer.byteLength(record), 7, 1);
      expect(decoded.batch?.firstSeq).toBe(7);
      expect(decoded.batch && fromBatch(decoded.batch)).toEqual([line]);
      expect(decoded.end).toBe(Buffer.byteLength(record));
    });
  }

  test("all of them together are written and read as they are", () => {
    const lines = records.map(([, line]) => line);
    const text = encode([...lines, ...lines]);
    expect(text.toString()).toBe(
      records
        .map(([, , record]) => record)
        .join("")
        .repeat(2),
    );
    const decoded = decodeLines(text, 0, text.length, 1, 1e9);
    expect(decoded.batch && fromBatch(decoded.batch)).toEqual([...lines, ...lines]);
  });

  const good = "2026-11-23T07:51:53.417678314Z stdout F hello\n";
  const damaged: [name: string, record: string][] = [
    ["an empty record", "\n"],
    ["a record without a stamp", "hello\n"],
    ["a record that ends in its prefix", "2026-11-23T07:51:53.417678314Z stdout\n"],
    ["zeros", `${"\u0000".repeat(60)}\n`],
    ["a month that is none", good.replace("-11-", "-13-")],
    ["a day that is none", good.replace("-11-23", "-02-30")],
    ["an hour that is none", good.replace("T07", "T25")],
    ["a letter among the digits", good.replace(".41", ".4l")],
    ["another stream", good.replace("stdout", "stdlog")],
    ["a part of a line", good.replace(" F ", " P ")],
    ["another tag", good.replace(" F ", " F:cat ")],
    ["a zone", good.replace("Z ", "+ ")],
    ["another separator", good.replace("T07", " 07")],
  ];
  for (const [name, record] of damaged) {
    test(`${name} is damaged, and what is before it is read`, () => {
      const text = Buffer.from(good + record + good);
      const first = decodeLines(text, 0, text.length, 1, 1e9);
      expect(first.batch?.count).toBe(1);
      expect(first.damagedEnd).toBe(good.length + Buffer.byteLength(record));
      const second = decodeLines(text, first.end, text.length, 2, 1e9);
      expect(second.batch).toBeUndefined();
      const third = decodeLines(text, second.damagedEnd, text.length, 3, 1e9);
      expect(third.batch?.textAt(0)).toBe("hello");
    });
  }

  test("a record that is not whole is left, wherever it ends", () => {
    for (let length = 0; length < good.length; length++) {
      const decoded = decodeLines(Buffer.from(good.slice(0, length)), 0, length, 1, 1e9);
      expect(decoded).toEqual({ batch: undefined, end: 0, damagedEnd: 0 });
    }
  });

  test("random lines come back in pieces of any size, at least one line at once", () => {
    const random = new Random(4711);
    const lines = randomLines(random, 2000);
    const text = encode(lines);
    for (const bytesMax of [1, 50, 1000, 1e9]) {
      const back: TestLine[] = [];
      for (let at = 0; at < text.length; ) {
        const { batch, end } = decodeLines(text, at, text.length, back.length + 1, bytesMax);
        if (!batch) throw new Error(`nothing at ${at}`);
        expect(batch.count === 1 || batch.bytes <= bytesMax).toBe(true);
        expect(skipRecords(text, at, text.length, batch.count)).toBe(end);
        back.push(...fromBatch(batch));
        at = end;
      }
      expect(back).toEqual(lines);
    }
  });

  test("pieces of a batch are its lines, none larger than asked for unless it is one line", () => {
    const batch = toBatch(randomLines(new Random(1), 500), 10);
    const pieces = [...piecesOf(batch, 3000)];
    expect(pieces.flatMap(fromBatch)).toEqual(fromBatch(batch));
    for (const piece of pieces)
      expect(piece.count === 1 || recordBytesMax(piece.count, piece.bytes) <= 3000).toBe(true);
    expect(pieces.map((piece) => piece.firstSeq)).toEqual(
      pieces.map((_, index) => 10 + pieces.slice(0, index).reduce((sum, piece) => sum + piece.count, 0)),
    );
  });
});
