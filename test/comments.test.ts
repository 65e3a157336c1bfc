// Doc comments of the source are sentences: the first says what the thing is or what the function does. A comment that
// begins with "Of …", "Whether …" or "So many …" is a fragment that nobody understands without the code.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const source = join(import.meta.dir, "../src");

/** The words with which a fragment begins. Names and code are no fragments. */
const fragment =
  /^(?:Of|Whether|So (?:long|many|much|far)|How|What|Whose|Who|Told|As|By|To be|Behind|Until|Where|Absent|Why|In (?:ms|bytes|order)|Not)\b/;

/** The fragments in a text of TypeScript, as "line: beginning of the comment". */
function fragments(text: string): string[] {
  return [...text.matchAll(/\/\*\*(?:[ \t]*\n[ \t]*\*)?[ \t]*([^\n]*?)[ \t]*(?:\*\/|\n|$)/g)]
    .map((found) => ({ line: text.slice(0, found.index).split("\n").length, words: found[1] ?? "" }))
    .filter(({ words }) => fragment.test(words))
    .map(({ line, words }) => `${line}: ${words.slice(0, 60)}`);
}

test("no doc comment of the source is a fragment", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.tsx?$/.test(name) && !name.includes("/gen/"),
  );
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((name) =>
    fragments(readFileSync(join(source, name), "utf8")).map((each) => `src/${name}:${each}`),
  );
  expect(found).toEqual([]);
});

test("a fragment is found, in one line and in several", () => {
  expect(fragments("/** Of the file. */\nlet a;\n  /**\n   * Whether it is so,\n   * or not. */")).toEqual([
    "1: Of the file.",
    "3: Whether it is so,",
  ]);
  expect(fragments("/** The file. */\n/** True if it is so. */\n/** What. */")).toEqual(["3: What."]);
});
