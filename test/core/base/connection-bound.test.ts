import { expect, test } from "bun:test";
import { connectionsMax, openFilesMax } from "../../../src/core/base/connection-bound.ts";

const head = "Limit                     Soft Limit           Hard Limit           Units     \n";

test.each([
  [`${head}Max open files            256                  4096                 files     \n`, 256],
  [`${head}Max open files            unlimited            unlimited            files     \n`, Infinity],
  ["", 1024],
])("the soft limit is read: %j", (limits, files) => {
  expect(openFilesMax(limits)).toBe(files);
});

test.each([
  [80, 30, 10],
  [256, 144, 48],
  [1024, 576, 192],
  [20_000, 14_232, 4744],
  [1, 1, 1],
  [Infinity, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
])("in a process of %d files --http may have %d connections, --grpc %d", (files, http, grpc) => {
  expect([connectionsMax("--http", files), connectionsMax("--grpc", files)]).toEqual([http, grpc]);
});
