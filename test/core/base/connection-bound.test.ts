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
  [80, 20],
  [256, 96],
  [1024, 384],
  [20_000, 7500],
  [1, 1],
  [Infinity, Number.MAX_SAFE_INTEGER],
])("a listener in a process of %d files may have %d connections", (files, connections) => {
  expect(connectionsMax(files)).toBe(connections);
});
