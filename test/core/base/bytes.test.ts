// Sizes as text and back, and pieces that are joined.
import { expect, test } from "bun:test";
import { formatBytes, formatBytesUp, joinBytes, parseBytes } from "../../../src/core/base/bytes.ts";

const [KiB, MiB, GiB, TiB] = [1024, 1024 ** 2, 1024 ** 3, 1024 ** 4];

/** Bytes, as text, as text rounded up. */
const sizes: [number, string, string][] = [
  [0, "0 B", "0 B"],
  [1, "1 B", "1 B"],
  [1023, "1023 B", "1023 B"],
  [1024, "1 KiB", "1 KiB"],
  [1025, "1 KiB", "1.1 KiB"],
  [1536, "1.5 KiB", "1.5 KiB"],
  [9.96 * KiB, "10 KiB", "10 KiB"],
  [10.4 * KiB, "10 KiB", "11 KiB"],
  [256 * KiB + 1, "256 KiB", "257 KiB"],
  [MiB - 1, "1 MiB", "1 MiB"],
  [20 * MiB, "20 MiB", "20 MiB"],
  [1.5 * GiB, "1.5 GiB", "1.5 GiB"],
  [100 * GiB, "100 GiB", "100 GiB"],
  [3 * TiB, "3 TiB", "3 TiB"],
  [5000 * TiB, "5000 TiB", "5000 TiB"],
];

test.each(sizes)("%d bytes are %s, rounded up %s", (bytes, text, textUp) => {
  expect(formatBytes(bytes)).toBe(text);
  expect(formatBytesUp(bytes)).toBe(textUp);
});

/** Text, bytes. */
const texts: [string, number | undefined][] = [
  ["1", 1],
  ["512", 512],
  ["512b", 512],
  ["512k", 512 * KiB],
  ["512K", 512 * KiB],
  ["512kb", 512 * KiB],
  ["512KiB", 512 * KiB],
  ["512m", 512 * MiB],
  ["1.5GiB", 1.5 * GiB],
  ["2t", 2 * TiB],
  ["0.5k", 512],
  ["1.0001k", 1024],
  ["8191t", 8191 * TiB],
  ["8192t", undefined],
  ["0", undefined],
  ["0.5", undefined],
  ["0k", undefined],
  ["-1", undefined],
  ["", undefined],
  ["k", undefined],
  [".5k", undefined],
  ["1.k", undefined],
  ["1 k", undefined],
  ["1 MiB", undefined],
  ["1p", undefined],
  ["1e3", undefined],
  ["0x10", undefined],
  ["1,5g", undefined],
];

test.each(texts)("%j is read as %p bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

/** What is held, what comes, both. */
const pieces: [string, string, string][] = [
  ["", "", ""],
  ["", "new", "new"],
  ["old", "", "old"],
  ["old", "new", "oldnew"],
];

test.each(pieces)("%j and %j are joined", (held, more, joined) => {
  expect(Buffer.from(joinBytes(Buffer.from(held), Buffer.from(more))).toString()).toBe(joined);
});

test("a piece is not copied where nothing is held", () => {
  const piece = Buffer.from("new");
  expect(joinBytes(Buffer.alloc(0), piece)).toBe(piece);
});
