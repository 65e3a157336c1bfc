// Every command line in README.md is run: the `sh` blocks of one heading in one shell, in order, as a reader would.
// A line that ends in `&` stays in the background; `# …` comments are for the reader. `npm start` and `npm test` are
// not run from in here: the one has a test of its own, the other is what runs this. What is not run is looked at by
// test/documents.test.ts, as is every other command of README and docs.
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { shellBlocks } from "../helpers/documented-commands.ts";
import { image, startTasklog } from "../helpers/tasklog.ts";

const root = join(import.meta.dir, "../..");
const executable = process.env["TASKLOG_BIN"] ?? join(root, "dist/tasklog");
/** What a reader has who put the executable on the path. */
const path = { PATH: `${dirname(executable)}:${process.env["PATH"]}` };
const readme = await readFile(join(root, "README.md"), "utf8").catch(() => "");

/** Servers of the reader's own would take the standard ports; the tests have one running already. */
const servers = /^(?:dist\/)?tasklog (?:up|master|worker)\b/;

/** Heading -> the command lines of its `sh` blocks. */
function sections(): [heading: string, commands: string[]][] {
  return [...shellBlocks(readme)].map(([heading, lines]) => [heading, lines.filter(runnable)]);
}

function runnable(line: string): boolean {
  return !/^(?:npm (?:start|test)|git clone|cd )/.test(line) && !servers.test(line);
}

test("README.md names the commands that this runs", () => {
  const lines = sections().flatMap(([, commands]) => commands);
  expect(lines.filter((line) => line.includes("tasklog ")).length).toBeGreaterThan(5);
});

for (const [heading, commands] of sections()) {
  if (commands.length === 0) continue;
  test(`README, ${heading} - its commands work`, async () => {
    await using t = await startTasklog();
    // Examples name images that everybody knows; here they are the one that is made locally.
    for (const known of ["busybox", "alpine", "debian", "ubuntu"]) await t.tagImage(known);
    for (const command of commands) {
      const { code, stdout, stderr } = await t.shellLine(command, {
        ...path,
        IMAGE: image,
      }).ended;
      expect({ command, fault: fault(code, stderr), stdout }).toEqual({ command, fault: "", stdout });
    }
  });
}

/** Every task of the README exits with 0, and so must each command; in a pipe, stderr shows what its exit code does not. */
function fault(code: number, stderr: string): string {
  return code !== 0 || /^tasklog: /m.test(stderr) ? `exit code ${code}: ${stderr}` : "";
}
