// The commands that README, docs and help show are commands with these flags. README's are run, too (e2e/readme.test.ts).
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { commandTable } from "../src/cmd/commands.ts";
import {
  type DocumentedCommand,
  documentedCommands,
  knownFlags,
  tasklogCalls,
  usageFaultOf,
} from "./helpers/documented-commands.ts";

const root = join(import.meta.dir, "..");
const documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md"];
documents.push(...new Bun.Glob("docs/*.md").scanSync({ cwd: root }));

/** `tasklog words: fault` for each command of a document that tasklog would refuse. */
async function faultsOf(commands: DocumentedCommand[]): Promise<string[]> {
  const faults: string[] = [];
  for (const command of commands) {
    const fault = await usageFaultOf(command);
    if (fault !== undefined) faults.push(`tasklog ${command.words.join(" ")}: ${fault}`);
  }
  return faults;
}

describe("documents", () => {
  for (const document of documents.sort()) {
    test(`${document} - each tasklog command is one, with flags that it takes`, async () => {
      const text = await readFile(join(root, document), "utf8");
      expect(await faultsOf(documentedCommands(text))).toEqual([]);
    });
  }

  test("README shows its most important commands", async () => {
    const commands = documentedCommands(await readFile(join(root, "README.md"), "utf8"));
    const names = new Set(commands.map(({ words }) => words[0]));
    for (const name of ["up", "master", "worker", "run", "monitor", "ps", "cancel"])
      expect(names).toContain(name);
  });

  test("each flag that is named in a sentence is a flag of some command", async () => {
    const known = await knownFlags();
    known.add("--rm"); // docker's
    const unknown: string[] = [];
    for (const document of documents) {
      const text = await readFile(join(root, document), "utf8");
      for (const [, flag = ""] of text.matchAll(/`(--[a-z][a-z-]*)[^`]*`/g)) {
        if (!known.has(flag)) unknown.push(`${document}: ${flag}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  test("each example of the help is a command with flags that it takes", async () => {
    for (const { load } of commandTable.commands) {
      const { examples } = await load();
      expect(await faultsOf(examples.flatMap(({ command }) => tasklogCalls(command, false)))).toEqual([]);
    }
  });
});

const faulty: [shown: string, fault: string][] = [
  ["```sh\ntasklog up --adapt all\n```", "unknown flag --adapt"],
  ["```sh\n$ tasklog ps \\\n  --statu running\n```", "unknown flag --statu"],
  ["```\n$ tasklog ps --jsn\n```", "unknown flag --jsn"],
  ["So `tasklog worker --retein 30d` keeps less.", "unknown flag --retein"],
  ["`tasklog worker --retain soon`", "--retain"],
  ["`tasklog worker --retain`", "--retain needs a value"],
  ["```sh\ntasklog up --adapt all --help\n```", "--help stands beside other words"],
  ["```sh\nid=$(tasklog run --detech alpine -- true)\n```", "unknown flag --detech"],
  ["```sh\ntasklog run alpine -- true | tasklog monitr build\n```", 'unknown command "monitr"'],
  ["```sh\ntasklog monitor --json\n```", '"monitor" needs a TASK'],
  ["```sh\ntasklog --vrsion\n```", "unknown flag --vrsion"],
];

describe("documents, a wrong flag is found", () => {
  test.each(faulty)("%j", async (shown, fault) => {
    const faults = await faultsOf(documentedCommands(shown));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  test("what belongs to the task, the shell or the reader is no flag of tasklog's", async () => {
    const shown =
      "```sh\ntasklog run -e A='--b c' alpine -- sh -c 'x --y' 2> log & # --z\ntasklog --version\n```";
    expect(documentedCommands(shown).map(({ words }) => words)).toEqual([
      ["run", "-e", "A=--b c", "alpine", "--", "sh", "-c", "x --y"],
      ["--version"],
    ]);
    expect(await faultsOf(documentedCommands(shown))).toEqual([]);
  });
});
