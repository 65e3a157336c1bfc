// `tasklog plugins`: what can stand behind --plugins, and what can be set. It asks no master: a plugin is loaded here,
// from where the master would load it, and is not started. With --check it is, by the contract suite.
import { TasklogError } from "../core/base/errors.ts";
import { type LoadedPlugin, loadPlugin } from "../core/master/plugins/plugin-loading.ts";
import type { OptionSchema } from "../core/master/plugins/plugin-options.ts";
import { stylesOf } from "./client.ts";
import { loadSettings } from "./config/settings.ts";
import { commonFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { pluginOption } from "./framework/flag-values.ts";
import { printable } from "./output/printable.ts";
import type { Style } from "./output/style.ts";
import { formatTable } from "./output/table.ts";

export default defineCommand({
  meta: {
    name: "plugins",
    description: "Shows plugins with their options: the built-in ones, or the ones you name.",
  },
  args: {
    PLUGIN: { type: "positional", multiple: true, description: "name, ./file.ts, or an installed package" },
    check: { type: "boolean", description: "stress-test the plugin in a private master" },
    "plugin-option": {
      type: "string",
      valueHint: "NAME.KEY=VALUE",
      parse: pluginOption,
      multiple: true,
      description: "an option of the plugin for --check",
    },
    json: { type: "boolean", description: "print NDJSON, one plugin (or one check) a line" },
    ...commonFlags,
  },
  examples: [
    { command: "tasklog plugins", what: "the built-in plugins" },
    { command: "tasklog plugins ./my-plugin.ts", what: "load it and show its options" },
    {
      command: "tasklog plugins --check ./my-plugin.ts",
      what: "stress-test it in a private master",
    },
  ],
  notes: [
    "Options are set with --plugin-option NAME.KEY=VALUE of master and up, or in the config file: [plugins.NAME].",
  ],
  run: async ({ args, session }) => {
    const settings = loadSettings(session.env, args);
    const style = stylesOf(settings, session).out;
    const { builtins, pluginOptions } = await import("./plugins-registry.ts");
    const names = args.PLUGIN.length > 0 ? args.PLUGIN : Object.keys(builtins);
    if (args.check && args.PLUGIN.length === 0) {
      throw new TasklogError("usage", "--check needs a PLUGIN: tasklog plugins --check ./my-plugin.ts");
    }
    let isFirst = true;
    for (const name of names) {
      const loaded = await load(name);
      if (args.check) {
        const { checkPlugin } = await import("../core/plugin-contract/check-plugin.ts");
        const options = pluginOptions(args["plugin-option"], settings.plugins)[loaded.plugin.name] ?? {};
        let failed = 0;
        for await (const { check, error } of checkPlugin({ name, builtins, options }, session.signal)) {
          if (error !== undefined) failed += 1;
          await session.out.write(
            args.json
              ? `${JSON.stringify({ plugin: name, check, ok: error === undefined, error })}\n`
              : formatCheck(check, error, style),
          );
        }
        if (failed > 0)
          throw new TasklogError("invalid", `${name} does not keep the contract: ${failed} failed`);
        continue;
      }
      const text = args.json
        ? `${JSON.stringify(toJson(loaded))}\n`
        : format(loaded, style, session.out.columns);
      await session.out.write(isFirst || args.json ? text : `\n${text}`);
      isFirst = false;
    }
    return 0;

    async function load(name: string): Promise<LoadedPlugin> {
      try {
        return await loadPlugin(name, builtins);
      } catch (thrown) {
        const { code, message } = TasklogError.from(thrown);
        throw new TasklogError(code, `the plugin ${name}: ${message}`, { cause: thrown });
      }
    }
  },
});

function toJson({ plugin, file }: LoadedPlugin): Record<string, unknown> {
  return { name: plugin.name, description: plugin.description, file: file ?? null, options: plugin.options };
}

function format({ plugin, file }: LoadedPlugin, style: Style, width: number | undefined): string {
  const from = file === undefined ? "" : style.dim(`  ${printable(file)}`);
  const head = `${style.bold(plugin.name)}${from}\n${printable(plugin.description)}\n`;
  const options = Object.entries(plugin.options);
  if (options.length === 0) return head;
  const table = formatTable(
    options,
    [
      { title: "OPTION", text: ([key]) => key, whole: true },
      { title: "TAKES", text: ([, definition]) => takes(definition) },
      { title: "DEFAULT", text: ([, definition]) => defaultOf(definition) },
      { title: "WHAT", text: ([, { description = "" }]) => description },
    ],
    { width, title: style.dim },
  );
  return `${head}${table}`;
}

function takes(definition: OptionSchema[string]): string {
  if (definition.type === "string" && definition.choices !== undefined) return definition.choices.join("|");
  if (definition.type !== "number") return definition.type;
  const { min, max } = definition;
  return min === undefined && max === undefined ? "number" : `number ${min ?? ""}..${max ?? ""}`;
}

function defaultOf({ default: value }: OptionSchema[string]): string {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? "-" : String(value);
}

function formatCheck(check: string, error: string | undefined, style: Style): string {
  return error === undefined
    ? `${style.green("✓")} ${check}\n`
    : `${style.red("✗")} ${check}\n  ${printable(error)}\n`;
}
