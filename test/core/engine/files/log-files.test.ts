// What the settings of an engine's log say about its files.
import { expect, test } from "bun:test";
import { engineRecordBytesMax } from "../../../../src/core/base/limits.ts";
import { unpackedBytesMax } from "../../../../src/core/engine/files/log-files.ts";

test("a file is as large as its max-size says, as the engine reads that, and one record more", () => {
  for (const [driver, size, bytes] of [
    ["json-file", "1000", 1000],
    ["json-file", "10k", 10 * 1024],
    ["json-file", "1.5M", 1.5 * 1024 ** 2],
    ["json-file", "2 gb", 2 * 1024 ** 3],
    ["json-file", "3GiB", 3 * 1024 ** 3],
    ["json-file", "1t", 1024 ** 4],
    ["local", undefined, 20 * 1024 ** 2],
  ] as const) {
    const options: Record<string, string> = size === undefined ? {} : { "max-size": size };
    expect([size, unpackedBytesMax({ driver, options })]).toEqual([size, bytes + engineRecordBytesMax]);
  }
  for (const size of ["-1", "", "much", "10x"])
    expect([size, unpackedBytesMax({ driver: "json-file", options: { "max-size": size } })]).toEqual([
      size,
      1024 ** 3,
    ]);
});
