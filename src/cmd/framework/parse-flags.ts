// Strict parsing of a command line, from a command's definitions, on the tokens of node:util parseArgs. Everything
// that cannot be meant is a usage error of one sentence; nothing is guessed and nothing passes silently.
import { type ParseArgsConfig, parseArgs } from "node:util";
import { TasklogError } from "../../core/base/errors.ts";
import type { Command, Flag, Flags, Invocation } from "./define-command.ts";
import { suggest } from "./suggest.ts";

type Parsed = Pick<Invocation, "args" | "rest" | "given"> & { readonly help: boolean };
type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

/** Throws TasklogError "usage". With `--help` anywhere among the flags nothing else is checked. */
export function parseFlags(command: Command, argv: readonly string[]): Parsed {
  const names = flagNames(command.args);
  const tokens = tokensOf(argv, names);
  const stop = command.flagsStopAtFirst ? firstPositional(tokens) : undefined;
  const own = stop === undefined ? tokens : tokens.filter((token) => token.index <= stop);
  const given = new Map<string, unknown[]>();
  const words: string[] = [];
  let terminator: number | undefined;
  const faults: TasklogError[] = [];
  for (const token of own) {
    if (token.kind === "option-terminator") terminator ??= token.index;
    else if (terminator !== undefined) break;
    else if (token.kind === "positional") words.push(token.value);
    else if (token.name === "help" || (token.name === "h" && !names.has("h")))
      return { ...nothing, help: true };
    else {
      try {
        readOption(command, names, token, given);
      } catch (error) {
        faults.push(TasklogError.from(error));
      }
    }
  }
  if (faults[0] !== undefined) throw faults[0];
  const rest = restOf(argv, stop, terminator);
  if (rest.length > 0 && command.restName === undefined) {
    throw new TasklogError("usage", `"${command.meta.name}" takes nothing behind --`);
  }
  const args = { ...flagValues(command.args, given), ...positionals(command, words) } as Parsed["args"];
  return { args, rest, given: new Set(given.keys()), help: false };
}

const nothing = { args: {} as Parsed["args"], rest: [], given: new Set<string>() };

interface NamedFlag {
  readonly name: string;
  readonly flag: Flag;
  readonly negated: boolean;
}

/** Every way a flag can be written, without its dashes. */
function flagNames(flags: Flags): Map<string, NamedFlag> {
  const names = new Map<string, NamedFlag>();
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.type === "positional") continue;
    names.set(name, { name, flag, negated: false });
    for (const alias of aliasesOf(flag)) names.set(alias, { name, flag, negated: false });
    if (isNegatable(flag)) names.set(`no-${name}`, { name, flag, negated: true });
  }
  return names;
}

export function aliasesOf(flag: Flag): string[] {
  return "alias" in flag ? [flag.alias ?? []].flat() : [];
}

/** A flag that is on unless `--no-…` is given. */
export function isNegatable(flag: Flag): boolean {
  return flag.type === "boolean" && flag.default === true;
}

function tokensOf(argv: readonly string[], names: Map<string, NamedFlag>): Token[] {
  const options: NonNullable<ParseArgsConfig["options"]> = Object.create(null);
  for (const [written, { name, flag }] of names) {
    const type = flag.type === "boolean" ? "boolean" : "string";
    if (written.length > 1) options[written] = { type, ...(shortOf(flag, name, written) ?? {}) };
  }
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function shortOf(flag: Flag, name: string, written: string): { short: string } | undefined {
  const short = written === name ? aliasesOf(flag).find((alias) => alias.length === 1) : undefined;
  return short === undefined ? undefined : { short };
}

function firstPositional(tokens: Token[]): number | undefined {
  return tokens.find((token) => token.kind !== "option")?.index;
}

function restOf(argv: readonly string[], stop: number | undefined, terminator: number | undefined): string[] {
  if (terminator !== undefined) return argv.slice(terminator + 1);
  if (stop === undefined) return [];
  return argv.slice(argv[stop + 1] === "--" ? stop + 2 : stop + 1);
}

function readOption(
  command: Command,
  names: Map<string, NamedFlag>,
  token: OptionToken,
  given: Map<string, unknown[]>,
): void {
  const named = names.get(token.name);
  const written = token.rawName;
  if (named === undefined) throw unknownFlag(command, names, written);
  const { name, flag, negated } = named;
  const values = given.get(name) ?? [];
  if (flag.type === "boolean") {
    if (token.value !== undefined && token.value !== "true" && token.value !== "false") {
      throw new TasklogError("usage", `${written} is on or off and takes no value, not "${token.value}"`);
    }
    values.push((token.value !== "false") !== negated);
  } else {
    values.push(readValue(flag, written, textOf(names, token, flag)));
    if (!flag.multiple && values.length > 1)
      throw new TasklogError("usage", `${written} may be given only once`);
  }
  given.set(name, values);
}

function textOf(names: Map<string, NamedFlag>, token: OptionToken, flag: Flag): string {
  const { rawName, value } = token;
  const hint = "valueHint" in flag && flag.valueHint ? ` (${flag.valueHint})` : "";
  if (value === undefined || value === "--")
    throw new TasklogError("usage", `${rawName} needs a value${hint}`);
  if (token.inlineValue) return rawName.startsWith("--") ? value : value.replace(/^=/, ""); // -e=X is -e X, as docker reads it
  if (value.startsWith("--") && names.has(value.slice(2).split("=")[0] ?? "")) {
    throw new TasklogError(
      "usage",
      `${rawName} needs a value${hint}, but the flag ${value} follows it; write ${rawName}=${value} if that is meant`,
    );
  }
  return value;
}

function readValue(flag: Flag, written: string, text: string): unknown {
  if (flag.type === "enum" && !(flag.options ?? []).includes(text)) {
    throw new TasklogError("usage", `${written} takes ${(flag.options ?? []).join(", ")}, not "${text}"`);
  }
  return flag.parse ? flag.parse(text, written) : text;
}

function unknownFlag(command: Command, names: Map<string, NamedFlag>, written: string): TasklogError {
  const word = written.replace(/^-+/, "");
  const near =
    word.length > 1
      ? suggest(
          word,
          [...names.keys(), "help"].filter((name) => name.length > 1),
        )
      : undefined;
  const hint = near ? `did you mean --${near}?` : `see \`${helpOf(command)}\``;
  return new TasklogError("usage", `unknown flag ${written}: ${hint}`);
}

function flagValues(flags: Flags, given: Map<string, unknown[]>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    if (flag.type === "positional") continue;
    const list = given.get(name) ?? [];
    if (flag.multiple) values[name] = list;
    else if (list.length > 0) values[name] = list.at(-1);
    else if (flag.type === "boolean") values[name] = flag.default ?? false;
    else
      values[name] =
        flag.default === undefined ? undefined : readValue(flag, `--${name}`, String(flag.default));
  }
  return values;
}

function positionals(command: Command, words: string[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const left = [...words];
  for (const [name, flag] of Object.entries(command.args)) {
    if (flag.type !== "positional") continue;
    if (flag.required && left.length === 0) {
      throw new TasklogError(
        "usage",
        `"${command.meta.name}" needs ${article(name)} ${name}: see \`${helpOf(command)}\``,
      );
    }
    values[name] = flag.multiple ? left.splice(0) : left.shift();
  }
  if (left[0] !== undefined) {
    throw new TasklogError(
      "usage",
      `"${command.meta.name}" does not know what to do with "${left[0]}": see \`${helpOf(command)}\``,
    );
  }
  return values;
}

function helpOf({ meta }: Command): string {
  return meta.name === "tasklog" ? "tasklog --help" : `tasklog ${meta.name} --help`;
}

function article(word: string): string {
  return /^[AEIOU]/.test(word) ? "an" : "a";
}
