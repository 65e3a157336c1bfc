// Finds, starts and ends plugins. A plugin's fault is told by its name and is nobody else's: one that cannot be
// found, throws, or hangs at start or at close costs only itself. Core imports no plugin: the built-in ones come as a
// table of loaders from the command.
//
// A plugin runs in the master's process: one that never gives the event loop back stops the master, and nothing here
// can prevent that.
import { TasklogError } from "../../base/errors.ts";
import type { Plugin, PluginCall } from "./plugin.ts";
import { type BuiltinPlugins, type LoadedPlugin, loadPlugin } from "./plugin-loading.ts";
import { type PluginDependencies, RunningPlugin } from "./running-plugin.ts";

/** A plugin as asked for: a built-in name, a path (`./x.ts`, `/x.js`), or an installed package. */
export interface PluginUse {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Options by the name that a plugin gives itself, then by the option's name. */
export type PluginOptions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export class Plugins {
  readonly #dependencies: PluginDependencies;
  readonly #builtins: BuiltinPlugins;
  readonly #options: PluginOptions;
  readonly #running: RunningPlugin[] = [];

  constructor(dependencies: PluginDependencies, builtins: BuiltinPlugins, options: PluginOptions = {}) {
    this.#dependencies = dependencies;
    this.#builtins = builtins;
    this.#options = options;
  }

  /** The names of the plugins that work. */
  get names(): string[] {
    return this.#running.map(({ name }) => name);
  }

  /** Starts them one after the other, in the order given. Never throws. */
  async start(uses: ReadonlyArray<Plugin | PluginUse>): Promise<void> {
    for (const use of uses) {
      try {
        const isLoaded = "start" in use;
        const loaded = isLoaded ? { plugin: use } : await loadPlugin(use.name, this.#builtins);
        await this.#startOne(loaded, isLoaded ? {} : (use.options ?? {}));
      } catch (error) {
        const { message } = TasklogError.from(error);
        this.#dependencies.logger.error(
          `the plugin ${use.name} does not work: ${message}; going on without it`,
        );
      }
    }
  }

  /** @throws TasklogError "not_found" when the plugin does not run or answers no such method. */
  call(plugin: string, method: string, input: unknown, call: PluginCall): Promise<unknown> {
    const running = this.#running.find(({ name }) => name === plugin);
    if (running !== undefined) return running.call(method, input, call);
    throw new TasklogError(
      "not_found",
      `the master runs no plugin ${plugin}; start it with --plugins ${[...this.names, plugin].join(",")}`,
    );
  }

  /** Ends them, the last one first. Never throws. */
  async close(): Promise<void> {
    for (const plugin of this.#running.splice(0).reverse()) await plugin.end();
  }

  async #startOne(loaded: LoadedPlugin, given: Readonly<Record<string, unknown>>): Promise<void> {
    const { name } = loaded.plugin;
    if (this.names.includes(name)) throw new TasklogError("already_exists", "it is loaded already");
    const options = { ...this.#options[name], ...given };
    let failure: unknown;
    const running = await RunningPlugin.start(loaded, options, this.#dependencies, (plugin, error) => {
      failure ??= error;
      this.#fail(plugin, error);
    });
    if (failure !== undefined) {
      await running.end();
      throw failure;
    }
    this.#running.push(running);
  }

  #fail(plugin: RunningPlugin, error: unknown): void {
    const index = this.#running.indexOf(plugin);
    if (index < 0) return;
    this.#running.splice(index, 1);
    const { message } = TasklogError.from(error);
    const { logger, http } = this.#dependencies;
    logger.error(`${plugin.title} failed: ${message}; going on without it`);
    void plugin.end().then(() => http.endAnswers(plugin.title));
  }
}
