// How constants are written (CONTRIBUTING.md, "Limits"): one naming style everywhere, and the reason for each number
// beside it.
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

/** A number at the head of a file: its name and its value. */
const number = /^(?:export )?const (\w+)(?:: number)? = (?:-?[\d(][\w\s.*+()/]*);(.*)$/;
/** Names of what a format or a standard lays down, which say all there is to say. */
const laidDown =
  /(?:Byte|Tag|Flag|Magic|ExitCode|HttpStatus|CodePoint|Type|Mode|Version|Seconds|PerSecond|PerMs)$/;
/** Names that end in a unit, or in what is counted. */
const unit =
  /(?:Ms|S|Nanos|Bytes|Max|Min|Default|Usual|Estimate|Count|Length|Columns|Lines|Rows|Entries|Tasks|Matches|Sends|Px|Kept|Factor|Share|Every|Bound|Field|Offset|Level)$/;

test("a number at the head of a file has its reason above it, and its unit in its name or there", async () => {
  const found: string[] = [];
  for (const path of paths.filter((each) => each.startsWith("src/"))) {
    const lines = (await readFile(join(root, path), "utf8")).split("\n");
    for (const [index, line] of lines.entries()) {
      const [, name = "", behind = ""] = number.exec(line) ?? [];
      if (name === "" || laidDown.test(name)) continue;
      const comment = commentOf(lines, index) + behind;
      if (!/\w/.test(comment)) found.push(`${path}:${index + 1}: ${name} has no comment`);
      else if (
        !unit.test(name) &&
        !/\b(?:ms|bytes|characters|columns|lines|number of|descriptors)\b/i.test(comment)
      ) {
        found.push(`${path}:${index + 1}: ${name} has no unit`);
      }
    }
  }
  expect(found).toEqual([]);
});

/** The text of the comment above a constant, or above the group of constants that it is one of. */
function commentOf(lines: readonly string[], index: number): string {
  let at = index - 1;
  while (number.test(lines[at] ?? "")) at--;
  const end = (lines[at] ?? "").trim();
  if (end.startsWith("//") || end.startsWith("/**")) return end;
  if (!end.endsWith("*/")) return "";
  const begin = lines.findLastIndex((line, each) => each <= at && line.trim().startsWith("/*"));
  return lines.slice(begin, at + 1).join("\n");
}
