// The plugins that come with tasklog, by the name that `--plugins` takes. Each is loaded when it is asked for.
import { TasklogError } from "../core/errors.ts";
import type { Plugin } from "../core/master/plugin.ts";
import { suggest } from "./framework/suggest.ts";

const BUILT_IN: Readonly<Record<string, () => Promise<{ default: Plugin }>>> = {
  cli: async () => (await import("../plugins/cli/index.ts")) as unknown as { default: Plugin },
};

/** Throws a usage error for a name that is not known. */
export async function loadPlugins(names: readonly string[]): Promise<Plugin[]> {
  return await Promise.all([...new Set(names)].map(loadPlugin));
}

async function loadPlugin(name: string): Promise<Plugin> {
  const known = Object.keys(BUILT_IN);
  const load = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (load !== undefined) return (await load()).default;
  const near = suggest(name, known);
  const hint = near ? `did you mean ${near}?` : `known are: ${known.join(", ")}`;
  throw new TasklogError("usage", `--plugins: there is no plugin "${name}": ${hint}`);
}
