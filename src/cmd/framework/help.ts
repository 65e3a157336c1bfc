// Help: from the same definitions that are parsed. Fits the terminal, aligned, with examples; plain when piped.

import { wrap } from "../output/printable.ts";
import type { Style } from "../output/style.ts";
import type { Command, CommandEntry, CommandTable, Flag } from "./define-command.ts";
import { aliasesOf, isNegatable } from "./parse-flags.ts";

/** The widest line of a help text, in columns: longer ones are hard to read on a wide terminal. */
const widthMax = 100;
/** The widest column of flags, in columns, so that enough is left for their descriptions. */
const leftMax = 30;

export interface HelpOptions {
  readonly style: Style;
  /** Columns of the terminal; undefined when it is none. */
  readonly width: number | undefined;
}

type Entry = readonly [left: string, right: string];

export function formatCommandHelp(command: Command, options: HelpOptions): string {
  const { style } = options;
  const parts = [paragraph(command.meta.description ?? "", options), usage(command, style)];
  for (const [group, flags] of groups(command)) parts.push(section(group, flags.map(flagEntry), options));
  parts.push(examples(command, options));
  for (const note of command.notes ?? []) parts.push(paragraph(note, options));
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

export function formatRootHelp(
  { root, commands }: CommandTable,
  version: string,
  options: HelpOptions,
): string {
  const { style } = options;
  const parts = [
    `${style.bold("tasklog")} ${version}`,
    paragraph(root.meta.description ?? "", options),
    `${style.bold("Usage")}\n  tasklog COMMAND [flags]`,
  ];
  for (const group of new Set(commands.map((command) => command.group))) {
    const members = commands.filter((command) => command.group === group);
    const entries = members.map((command) => [command.name, withAlias(command)] as const);
    parts.push(section(group, entries, options));
  }
  parts.push(section("Everywhere", globalFlags, options), examples(root, options));
  parts.push(paragraph("`tasklog COMMAND --help` shows the flags of a command.", options));
  return `${parts.join("\n\n")}\n`;
}

const globalFlags: readonly Entry[] = [
  ["-h, --help", "show help"],
  ["    --version", "show the version"],
  ["    --color WHEN", "auto, always or never (NO_COLOR and FORCE_COLOR are honoured)"],
  ["    --verbose", "say more on stderr, with stack traces"],
];

function withAlias(command: CommandEntry): string {
  return command.alias === undefined ? command.summary : `${command.summary} (or: ${command.alias})`;
}

function usage(command: Command, style: Style): string {
  const words = Object.entries(command.args).flatMap(([name, flag]) => {
    if (flag.type !== "positional") return [];
    const word = flag.multiple ? `${name}…` : name;
    return [flag.required ? word : `[${word}]`];
  });
  const rest = command.restName === undefined ? [] : [`[-- ${command.restName}…]`];
  return `${style.bold("Usage")}\n  ${["tasklog", command.meta.name, "[flags]", ...words, ...rest].join(" ")}`;
}

/** Flags by their heading, in order of definition; those without one come first. */
function groups(command: Command): Map<string, [string, Flag][]> {
  const byGroup = new Map<string, [string, Flag][]>();
  for (const entry of Object.entries(command.args)) {
    const [, flag] = entry;
    if (flag.type === "positional") continue;
    const group = flag.group ?? "Flags";
    byGroup.set(group, [...(byGroup.get(group) ?? []), entry]);
  }
  return byGroup;
}

function flagEntry([name, flag]: readonly [string, Flag]): Entry {
  const short = aliasesOf(flag).find((alias) => alias.length === 1);
  const hint =
    flag.type === "enum" ? (flag.options ?? []).join("|") : "valueHint" in flag ? (flag.valueHint ?? "") : "";
  const written = isNegatable(flag) ? `--no-${name}` : `--${name}`;
  const left = `${short ? `-${short}, ` : "    "}${written}${hint ? ` ${hint}` : ""}`;
  const description =
    isNegatable(flag) && "negativeDescription" in flag ? flag.negativeDescription : flag.description;
  const more = [
    ...(flag.multiple ? ["may be repeated"] : []),
    ...(flag.default !== undefined && flag.type !== "boolean"
      ? [`default ${flag.default === "" ? "none" : flag.default}`]
      : []),
  ];
  return [left, `${description ?? ""}${more.length > 0 ? ` (${more.join("; ")})` : ""}`];
}

function section(title: string, entries: readonly Entry[], { style, width }: HelpOptions): string {
  const left = Math.min(leftMax, Math.max(...entries.map(([text]) => Bun.stringWidth(text))));
  const room = Math.max(20, Math.min(widthMax, width ?? widthMax) - left - 4);
  const lines = entries.flatMap(([text, description]) => {
    const [first = "", ...more] = wrap(description, room);
    const indent = " ".repeat(left + 4);
    const own = Bun.stringWidth(text) > left;
    const head = own ? [`  ${text}`, `${indent}${first}`] : [`  ${text.padEnd(left)}  ${first}`];
    return [...head, ...more.map((line) => indent + line)];
  });
  return [style.bold(title), ...lines.map((line) => line.trimEnd())].join("\n");
}

function examples(text: Pick<Command, "examples">, { style }: HelpOptions): string {
  const lines = text.examples.flatMap(({ command, what }) => [`  ${style.dim(`# ${what}`)}`, `  ${command}`]);
  return lines.length === 0 ? "" : [style.bold("Examples"), ...lines].join("\n");
}

function paragraph(text: string, { width }: HelpOptions): string {
  return wrap(text, Math.min(widthMax, width ?? widthMax)).join("\n");
}
