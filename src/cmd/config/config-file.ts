// The config file: TOML, flat, the same words as the flags, and a table for each plugin, `[plugins.webhook]`. What is
// in it and not known is an error with its line, so that a slip of the pen never passes for a setting. What a plugin's
// table may hold, the plugin says when it is loaded.
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { parse, TomlError } from "smol-toml";
import { TasklogError } from "../../core/base/errors.ts";
import { homeFolder } from "../../core/base/home-folder.ts";
import { suggest } from "../framework/suggest.ts";

interface ConfigValue {
  readonly value: string;
  readonly line: number;
}

/** The options of plugins by plugin name, then by option name: text, numbers, true or false, lists. */
export type PluginTables = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Config {
  /** The values of the file by key; empty when there is no file. */
  readonly values: ReadonlyMap<string, ConfigValue>;
  readonly plugins: PluginTables;
}

type Env = Readonly<Record<string, string | undefined>>;

/** $XDG_CONFIG_HOME/tasklog/config.toml, or ~/.config/tasklog/config.toml. */
export function configPath(env: Env): string {
  const base = env["XDG_CONFIG_HOME"];
  // A user without a home has no file of settings: there is nothing at that place.
  const root =
    base !== undefined && isAbsolute(base) ? base : join(homeFolder(env) ?? "/nonexistent", ".config");
  return join(root, "tasklog", "config.toml");
}

/** Throws one sentence with file and line. */
export function readConfig(path: string, known: readonly string[]): Config {
  const text = readText(path);
  const values = new Map<string, ConfigValue>();
  let plugins: PluginTables = {};
  for (const [key, value] of Object.entries(parseToml(path, text))) {
    const line = lineOf(text, key);
    if (key === "plugins" && isTables(value)) {
      plugins = value;
      continue;
    }
    if (key === "plugins") {
      throw new TasklogError(
        "usage",
        `config file ${path}, line ${line}: plugins holds one table for each plugin: write [plugins.webhook]`,
      );
    }
    if (!known.includes(key)) {
      const near = suggest(key, [...known, "plugins"]);
      const hint = near ? `did you mean "${near}"?` : `known are ${known.join(", ")}`;
      throw new TasklogError("usage", `config file ${path}, line ${line}: unknown key "${key}": ${hint}`);
    }
    if (typeof value !== "string") {
      throw new TasklogError("usage", `config file ${path}, line ${line}: ${key} must be a string in quotes`);
    }
    values.set(key, { value, line });
  }
  return { values, plugins };
}

function isTables(value: unknown): value is PluginTables {
  return isTable(value) && Object.values(value).every(isTable);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw new TasklogError("usage", `config file ${path} cannot be read (${code})`, { cause: error });
  }
}

function parseToml(path: string, text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    throw new TasklogError("usage", `config file ${path}, line ${error.line}: ${why}`, { cause: error });
  }
}

/** smol-toml does not keep lines: the first one that begins with the key, as a key or as a table. */
function lineOf(text: string, key: string): number {
  const lines = text.split("\n");
  const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return (
    1 +
    Math.max(
      0,
      lines.findIndex((line) => new RegExp(`^\\s*\\[*\\s*["']?${escaped}["']?\\s*[=.\\]]`).test(line)),
    )
  );
}
