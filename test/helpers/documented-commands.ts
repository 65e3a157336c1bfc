// The tasklog commands that a document shows, and what is wrong with their flags. A command line is split into words
// as a shell does it and parsed by the command's own definition, so a flag that does not exist, lacks its value or has a
// wrong one is found without running anything.
import { commandTable } from "../../src/cmd/commands.ts";
import { parseFlags } from "../../src/cmd/framework/parse-flags.ts";
import { TasklogError } from "../../src/core/base/errors.ts";

/** What stands for something of the reader's own, where a value of another form would be refused. */
const placeholders: Record<string, string> = { ADDRESS: "127.0.0.1:7071", COMMAND: "run" };

/** The lines of a document's `sh` blocks by their heading, without prompt and comment lines; continued lines are joined. */
export function shellBlocks(markdown: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { heading, language, lines } of fencedBlocks(markdown)) {
    if (!/^(?:sh|bash|shell)$/.test(language)) continue;
    const commands = joined(lines.filter((line) => /\S/.test(line) && !/^\s*#/.test(line)));
    found.set(heading, [...(found.get(heading) ?? []), ...commands]);
  }
  return found;
}

/** What is typed in the blocks that show a session, with what the commands print: the lines behind a `$ `. */
function shownSessions(markdown: string): string[] {
  const sessions = fencedBlocks(markdown).filter(({ language }) => language === "");
  return sessions.flatMap(({ lines }) => joined(lines, /^\s*\$ /));
}

/** Joins each line that ends in a backslash with the next one, keeps those that begin as asked, leaves prompts out. */
function joined(lines: readonly string[], begin = /^/): string[] {
  return lines
    .join("\n")
    .split(/(?<!\\)\n/)
    .filter((line) => begin.test(line))
    .map((line) => line.replace(/^\s*\$ /, ""));
}

function fencedBlocks(markdown: string): { heading: string; language: string; lines: string[] }[] {
  const blocks: { heading: string; language: string; lines: string[] }[] = [];
  let heading = "";
  let inBlock = false;
  for (const line of markdown.split("\n")) {
    if (line.startsWith("```")) {
      inBlock = !inBlock;
      if (inBlock) blocks.push({ heading, language: line.slice(3).trim(), lines: [] });
    } else if (inBlock) blocks.at(-1)?.lines.push(line);
    else heading = /^#+ (.*)/.exec(line)?.[1] ?? heading;
  }
  return blocks;
}

export interface DocumentedCommand {
  /** What stands behind `tasklog`. */
  readonly words: string[];
  /** True if it is named in a sentence, where what it acts on may be left out: "`tasklog monitor` shows …". */
  readonly inSentence: boolean;
}

/** Every `tasklog …` of a document: in its shell blocks, and in `code` within a sentence. */
export function documentedCommands(markdown: string): DocumentedCommand[] {
  const prose = markdown.replace(/^```.*?^```/gms, "");
  const inline = [...prose.matchAll(/`(tasklog [^`]+)`/g)].map(([, code = ""]) => code.replaceAll("\n", " "));
  const typed = [...[...shellBlocks(markdown).values()].flat(), ...shownSessions(markdown)];
  return [
    ...typed.flatMap((line) => tasklogCalls(line, false)),
    ...inline.flatMap((line) => tasklogCalls(line, true)),
  ];
}

/** Each call of tasklog in a shell's line. */
export function tasklogCalls(line: string, inSentence: boolean): DocumentedCommand[] {
  return simpleCommands(line)
    .filter(([program = ""]) => /^(?:dist\/)?tasklog$/.test(program))
    .map(([, ...words]) => words.filter((word) => word !== "…").map((word) => placeholders[word] ?? word))
    .map((words) => ({ words, inSentence }));
}

/** Splits a line at `|`, `;`, `&`, `$(…)` and redirections, each part into its words; what is behind a `#` is left out. */
function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  const token =
    /\s+|\\\n|(?<comment>#.*)|\d*(?<end>[|&;()<>])|(?<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\[\s\S]|[^\s'"\\|&;()<>])+)/y;
  while (token.lastIndex < line.length) {
    const { comment, end, word } = token.exec(line)?.groups ?? {};
    if (comment !== undefined) break;
    if (end !== undefined) commands.push([]);
    if (word !== undefined) commands.at(-1)?.push(unquoted(word));
    if (token.lastIndex === 0) throw new Error(`no shell takes this line: ${line}`);
  }
  return commands;
}

function unquoted(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\([\s\S])/g, (_all, single, double, escaped) =>
    String(single ?? double?.replace(/\\(.)/g, "$1") ?? escaped),
  );
}

/** What is wrong with a command, as tasklog itself would say it; undefined if nothing is. */
export async function usageFaultOf({ words, inSentence }: DocumentedCommand): Promise<string | undefined> {
  const [name = "", ...rest] = words;
  try {
    if (name.startsWith("-")) parseFlags(commandTable.root, words);
    else {
      const entry = commandTable.commands.find((command) => command.name === name || command.alias === name);
      if (entry === undefined) return `unknown command "${name}"`;
      // Behind --help nothing is checked, so nothing may hide there.
      if (rest.join(" ") === "--help") return undefined;
      const { help } = parseFlags(await entry.load(), rest);
      if (help) return "--help stands beside other words";
    }
    return undefined;
  } catch (error) {
    const { message } = TasklogError.from(error);
    return inSentence && /^"[a-z-]+" needs an? [A-Z]+:/.test(message) ? undefined : message;
  }
}

/** The names of all flags of all commands, with their dashes. */
export async function knownFlags(): Promise<Set<string>> {
  const commands = await Promise.all(commandTable.commands.map(({ load }) => load()));
  const names = [commandTable.root, ...commands].flatMap(({ args }) => Object.keys(args));
  return new Set(["--help", ...names.flatMap((name) => [`--${name}`, `--no-${name}`])]);
}
