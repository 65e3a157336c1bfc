// From the words of the command line to one command and its exit code.
import { TasklogError } from "../../core/base/errors.ts";
import { tasklogVersion } from "../../core/base/version.ts";
import { type ColorChoice, createStyle, hasColor } from "../output/style.ts";
import type { Command, CommandEntry, CommandTable } from "./define-command.ts";
import { formatCommandHelp, formatRootHelp, type HelpOptions } from "./help.ts";
import { parseFlags } from "./parse-flags.ts";
import type { Session } from "./session.ts";
import { suggest } from "./suggest.ts";

/** Runs the command of `table` that `argv` asks for. Returns its exit code; throws what went wrong. */
export async function dispatch(
  table: CommandTable,
  argv: readonly string[],
  session: Session,
): Promise<number> {
  const { before, name, after } = splitCommand(argv);
  if (name === undefined || name === "help") return await showHelp(table, name, after, before, session);
  const entry = findCommand(table, name);
  const command = await entry.load();
  const words = [...before, ...after];
  const parsed = parseFlags(command, words);
  if (parsed.help) {
    await session.out.write(formatCommandHelp(command, helpOptions(words, session)));
    return 0;
  }
  session.verbose = parsed.given.has("verbose");
  session.color = (parsed.args["color"] as ColorChoice | undefined) ?? "auto";
  return await command.invoke({ ...parsed, session });
}

/** Flags may stand before the command, too: `tasklog --master HOST:PORT ps`. These take a value there. */
const valuedGlobalFlags = new Set(["--master", "--color"]);

function splitCommand(argv: readonly string[]): {
  before: string[];
  name: string | undefined;
  after: string[];
} {
  let index = 0;
  while (index < argv.length && (argv[index] ?? "").startsWith("-") && argv[index] !== "--") {
    index += valuedGlobalFlags.has(argv[index] ?? "") ? 2 : 1;
  }
  return { before: argv.slice(0, index), name: argv[index], after: argv.slice(index + 1) };
}

async function showHelp(
  table: CommandTable,
  name: string | undefined,
  words: readonly string[],
  flags: readonly string[],
  session: Session,
): Promise<number> {
  if (flags.includes("--version") || flags.includes("-V")) {
    await session.out.write(`${tasklogVersion}\n`);
    return 0;
  }
  const options = helpOptions([...flags, ...words], session);
  const topic = words.find((word) => !word.startsWith("-"));
  if (topic !== undefined) {
    await session.out.write(formatCommandHelp(await findCommand(table, topic).load(), options));
    return 0;
  }
  parseFlags(table.root, flags);
  const text = formatRootHelp(table, tasklogVersion, options);
  const asked = name === "help" || flags.length > 0 || words.length > 0;
  await (asked ? session.out : session.err).write(text);
  return asked ? 0 : 2;
}

function findCommand(
  { commands }: CommandTable,
  name: string,
): CommandEntry & { load: () => Promise<Command> } {
  const entry = commands.find((command) => command.name === name || command.alias === name);
  if (entry !== undefined) return entry;
  const near = suggest(
    name,
    commands.flatMap((command) => [command.name, ...(command.alias ? [command.alias] : [])]),
  );
  throw new TasklogError(
    "usage",
    `unknown command "${name}": ${near ? `did you mean \`tasklog ${near}\`?` : "see `tasklog --help`"}`,
  );
}

/** `--color` counts for help, too, where flags are not parsed. */
function helpOptions(words: readonly string[], session: Session): HelpOptions {
  const choice = /(?:^|\n)--color[=\n](always|never)(?:\n|$)/.exec(words.join("\n"))?.[1] as
    | ColorChoice
    | undefined;
  const style = createStyle(hasColor(choice ?? "auto", session.env, session.out.isTTY));
  return { style, width: session.out.columns };
}
