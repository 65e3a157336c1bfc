// From the word behind `--plugins` to a plugin: a built-in name, a path (`./my-plugin.ts`, taken from the current
// folder), or a package installed in a node_modules of the current folder. It loads and checks; it starts nothing.
//
// A stranger's file may `import { definePlugin } from "tasklog/plugin"` although no such package is installed beside
// the executable: the module is given from here. A plain object as default export does as well.

import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TasklogError } from "../../base/errors.ts";
import { pluginStartMs } from "../../base/limits.ts";
import { within } from "../../base/wait.ts";
import type { Plugin } from "./plugin.ts";
import * as contract from "./plugin.ts";
import { checkSchema } from "./plugin-options.ts";

/** Name -> loader of a module whose default export is the plugin. */
export type BuiltinPlugins = Readonly<Record<string, () => Promise<{ default: Plugin }>>>;

export interface LoadedPlugin {
  readonly plugin: Plugin;
  /** The file it came from; undefined: built in. */
  readonly file?: string;
}

/**
 * Loads the plugin without starting it.
 * @throws TasklogError "not_found" or "invalid", without the plugin's name.
 */
export async function loadPlugin(name: string, builtins: BuiltinPlugins): Promise<LoadedPlugin> {
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (builtin !== undefined) return { plugin: (await builtin()).default };
  const file = findPlugin(name);
  if (file === undefined) {
    const known = Object.keys(builtins);
    const hint = isPath(name)
      ? `there is no file ${resolve(name)}`
      : `built in are ${known.join(", ") || "none"}; a file is named as ./${name}, a package must be installed here`;
    throw new TasklogError("not_found", `it was not found: ${hint}`);
  }
  const plugin = toPlugin(await importModule(file));
  if (Object.hasOwn(builtins, plugin.name)) {
    throw new TasklogError(
      "already_exists",
      `it calls itself ${plugin.name}, which is the name of a built-in one`,
    );
  }
  return { plugin, file };
}

/** The file that a path or the name of an installed package stands for. */
export function findPlugin(name: string): string | undefined {
  try {
    const file = isPath(name) ? resolve(name) : Bun.resolveSync(name, process.cwd());
    return isAbsolute(file) && existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

export function isPath(name: string): boolean {
  return isAbsolute(name) || /^\.{1,2}\//.test(name);
}

/** The package that a file belongs to, or its folder: an error that comes from there is the plugin's. */
export function folderOf(file: string): string {
  for (let folder = dirname(file); file.includes("/node_modules/"); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder.endsWith("/node_modules") || folder === dirname(folder)) break;
  }
  return dirname(file);
}

let offered = false;

/** Makes `tasklog/plugin` importable for files that come from outside. */
function offerContract(): void {
  if (offered) return;
  offered = true;
  Bun.plugin({
    name: "tasklog/plugin",
    setup: (build) =>
      void build.module("tasklog/plugin", () => ({
        exports: { ...contract },
        loader: "object",
      })),
  });
}

async function importModule(file: string): Promise<unknown> {
  offerContract();
  try {
    return await within(pluginStartMs, "it did not load in time", import(pathToFileURL(file).href));
  } catch (error) {
    if (error instanceof TasklogError) throw error;
    throw new TasklogError("invalid", `it cannot be loaded: ${reasonOf(error)}`, { cause: error });
  }
}

/** Turns a parse failure into a sentence: it comes as a BuildMessage with a position, or as several of them. */
function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  const { message = String(first), position } = (first ?? {}) as {
    message?: string;
    position?: Position | null;
  };
  return position ? `${message} (${position.file}:${position.line}:${position.column})` : message;
}

interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function toPlugin(module: unknown): Plugin {
  const exported = (module as { default?: unknown }).default;
  if (exported === undefined) {
    throw new TasklogError(
      "invalid",
      "it has no default export; write `export default { name, options, start }`",
    );
  }
  const plugin = exported as Partial<Plugin> | null;
  if (typeof plugin !== "object" || typeof plugin?.start !== "function") {
    throw new TasklogError("invalid", "its default export is no { name, options, start(host) }");
  }
  if (typeof plugin.name !== "string" || !/^[a-z][a-z0-9-]{0,62}$/.test(plugin.name)) {
    throw new TasklogError(
      "invalid",
      `its name is ${JSON.stringify(plugin.name)}; it takes lower-case letters, digits and dashes, at most 63`,
    );
  }
  const { name, description = "", options = {} } = plugin;
  checkSchema(options);
  return { name, description: String(description), options, start: (host) => (plugin as Plugin).start(host) };
}
