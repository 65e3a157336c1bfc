// The plugins that come with tasklog, by the name that `--plugins` takes; each is loaded when it is asked for. Other
// names are paths or installed packages, which the master loads, and goes on without where it cannot.
import { TasklogError } from "../core/errors.ts";
import type { Plugin } from "../core/master/plugin.ts";
import type { BuiltinPlugins, PluginUse } from "../core/master/plugin-host.ts";
import { suggest } from "./framework/suggest.ts";

export const builtins: BuiltinPlugins = {
  cli: async () => ({ default: (await import("../plugins/cli/index.ts")).default as unknown as Plugin }),
};

/** Throws a usage error for what looks like a slip in a built-in name. */
export function pluginUses(names: readonly string[]): PluginUse[] {
  return [...new Set(names)].map((name) => {
    const near = Object.hasOwn(builtins, name) ? undefined : suggest(name, Object.keys(builtins));
    if (near === undefined) return { name };
    throw new TasklogError("usage", `--plugins: there is no plugin "${name}": did you mean ${near}?`);
  });
}
