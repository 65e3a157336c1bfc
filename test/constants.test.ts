// How constants are written (CONTRIBUTING.md, "Limits"): one naming style, everywhere.
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const paths = [...new Bun.Glob("{src,test,bench,scripts}/**/*.{ts,tsx,mjs}").scanSync({ cwd: root })]
  .filter((path) => !path.includes("/gen/"))
  .sort();

/** Names of this kind belong to others (`process.env`, SQL, gRPC): our own are camelCase, also at the head of a file. */
const screaming = /\b(?:const|let|static|readonly)\s+([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)\b/g;

test("constants have names in camelCase, such as ringLinesMax and pingMs", async () => {
  const found: string[] = [];
  for (const path of paths) {
    const source = await readFile(join(root, path), "utf8");
    for (const [, name] of source.matchAll(screaming)) found.push(`${path}: ${name}`);
  }
  expect(found).toEqual([]);
});
