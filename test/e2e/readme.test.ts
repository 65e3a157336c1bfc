// Every command line in README.md is run: the `sh` blocks of one heading in one shell, in order, as a reader would.
// A line that ends in `&` stays in the background; `# …` comments are for the reader. `npm start` and `npm test` are
// not run from in here: the one has a test of its own, the other is what runs this.
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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
  const found = new Map<string, string[]>();
  let heading = "README";
  let inBlock = false;
  for (const line of readme.split("\n")) {
    if (line.startsWith("```")) inBlock = !inBlock && /^```(?:sh|bash|shell)$/.test(line.trim());
    else if (inBlock && line.trim() !== "") {
      const command = line.replace(/^\$ /, "");
      const lines = found.get(heading) ?? [];
      if (lines.at(-1)?.endsWith("\\")) lines[lines.length - 1] += `\n${command}`;
      else lines.push(command);
      found.set(heading, lines);
    } else if (line.startsWith("#")) heading = line.replace(/^#+ /, "");
  }
  return [...found].map(([name, lines]) => [name, lines.filter(runnable)]);
}

function runnable(line: string): boolean {
  return !/^\s*#/.test(line) && !/^(?:npm (?:start|test)|git clone|cd )/.test(line) && !servers.test(line);
}

test("README.md names the commands that this runs", () => {
  const lines = sections().flatMap(([, commands]) => commands);
  expect(lines.filter((line) => line.includes("tasklog ")).length).toBeGreaterThan(5);
});

test("every server command of README.md is a command with these flags", async () => {
  await using t = await startTasklog();
  const lines = readme.split("\n").map((line) => line.replace(/^\$ /, ""));
  for (const line of lines.filter((text) => servers.test(text))) {
    const { code, stderr } = await t.shellLine(`${line.replace(/\s*[#&].*$/, "")} --help`, path).ended;
    expect([line, code, stderr]).toEqual([line, 0, ""]);
  }
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

/** A task's own exit code is no fault of the command; what tasklog itself complains of is. */
function fault(code: number, stderr: string): string {
  return code === 2 || (code >= 125 && code <= 127) ? `exit code ${code}: ${stderr}` : "";
}
