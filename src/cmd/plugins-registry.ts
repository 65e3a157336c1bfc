// The plugins that come with tasklog, by the name that `--plugins` takes; each is loaded when it is asked for. Other
// names are paths or installed packages, which the master loads, and goes on without where it cannot.
import { TasklogError } from "../core/base/errors.ts";
import type { Logger } from "../core/base/logger.ts";
import type { Plugin } from "../core/master/plugins/plugin.ts";
import type { PluginOptions, PluginUse } from "../core/master/plugins/plugin-host.ts";
import { type BuiltinPlugins, findPlugin, isPath } from "../core/master/plugins/plugin-loading.ts";
import type { PluginTables } from "./config/config-file.ts";
import type { PluginOption } from "./framework/flag-values.ts";
import { suggest } from "./framework/suggest.ts";

export const builtins: BuiltinPlugins = {
  ws: async () => ({ default: (await import("../plugins/ws/index.ts")).default as unknown as Plugin }),
  cli: async () => ({ default: (await import("../plugins/cli/index.ts")).default as unknown as Plugin }),
  webhook: async () => ({
    default: (await import("../plugins/webhook/index.ts")).default as unknown as Plugin,
  }),
};

/**
 * Throws a usage error for a word that stands for nothing, which is a slip of the pen. The faults of files and of
 * packages are the master's to tell: it goes on without them.
 */
export function pluginUses(names: readonly string[]): PluginUse[] {
  return [...new Set(names)].map((name) => {
    if (Object.hasOwn(builtins, name) || isPath(name) || findPlugin(name) !== undefined) return { name };
    const known = Object.keys(builtins);
    const near = suggest(name, known);
    const hint = near
      ? `did you mean ${near}?`
      : `built in are ${known.join(", ")}; a file is named as ./${name}`;
    throw new TasklogError("usage", `--plugins: there is no plugin "${name}": ${hint}`);
  });
}

/**
 * Merges the options of `--plugin-option` over those of `[plugins.NAME]` in the config file. One given twice makes a
 * list.
 */
export function pluginOptions(flags: readonly PluginOption[], tables: PluginTables): PluginOptions {
  const options: Record<string, Record<string, unknown>> = Object.create(null);
  for (const [plugin, table] of Object.entries(tables)) options[plugin] = { ...table };
  const given = Map.groupBy(flags, ({ plugin, key }) => `${plugin}.${key}`);
  for (const [{ plugin, key }, ...more] of given.values() as Iterable<[PluginOption, ...PluginOption[]]>) {
    const values = given.get(`${plugin}.${key}`)?.map(({ value }) => value);
    options[plugin] = { ...options[plugin], [key]: more.length > 0 ? values : values?.[0] };
  }
  return options;
}

/** An option for a plugin that is not there is most likely a slip of the pen. `names` are those that work. */
export function warnOfUnused(flags: readonly PluginOption[], names: readonly string[], logger: Logger): void {
  for (const plugin of new Set(flags.map((flag) => flag.plugin))) {
    if (names.includes(plugin)) continue;
    logger.warn(`--plugin-option ${plugin}.…: no plugin of that name works here; see \`tasklog plugins\``);
  }
}
