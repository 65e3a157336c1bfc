// `npm test` runs every test file once, and its order names only files that exist.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { planJobs } from "../../scripts/groups.mjs";
import { aloneFiles, longFiles } from "../../scripts/test-order.mjs";

const files = [...new Bun.Glob("test/**/*.test.ts").scanSync({ cwd: join(import.meta.dir, "../..") })];

test("order of tests - each file runs once", () => {
  const { aside, alone } = planJobs();
  expect([...aside, ...alone].flat().sort()).toEqual(files.sort());
});

test("order of tests - each file that is named exists, and is named once", () => {
  const named = [...longFiles, ...aloneFiles];
  expect(named.filter((file) => !files.includes(file))).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});
