// The plugins that come with tasklog, by the name that `--plugins` takes; each is loaded when it is asked for. Other
// names are paths or installed packages, which the master loads, and goes on without where it cannot.
import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { TasklogError } from "../core/errors.ts";
import type { Plugin } from "../core/master/plugin.ts";
import type { BuiltinPlugins, PluginUse } from "../core/master/plugin-host.ts";
import { suggest } from "./framework/suggest.ts";

export const builtins: BuiltinPlugins = {
  cli: async () => ({ default: (await import("../plugins/cli/index.ts")).default as unknown as Plugin }),
};

/** Throws a usage error for one that cannot be found; the faults of one that can are the master's to tell. */
export function pluginUses(names: readonly string[]): PluginUse[] {
  return [...new Set(names)].map((name) => {
    if (Object.hasOwn(builtins, name) || canResolve(name)) return { name };
    const known = Object.keys(builtins);
    const near = suggest(name, known);
    const hint = near
      ? `did you mean ${near}?`
      : `built in are ${known.join(", ")}; a file is named as ./${name}`;
    throw new TasklogError("usage", `--plugins: there is no plugin "${name}": ${hint}`);
  });
}

/** Whether it is a file, or a package that is installed where tasklog is started. */
function canResolve(name: string): boolean {
  if (isAbsolute(name) || /^\.{1,2}\//.test(name)) return existsSync(resolve(name));
  try {
    return Bun.resolveSync(name, process.cwd()) !== "";
  } catch {
    return false;
  }
}
