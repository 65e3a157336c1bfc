// Finds, starts and ends plugins. A plugin's fault is told by its name and is nobody else's: one that cannot be
// found, throws, or hangs at start or at close costs only itself. Core imports no plugin: the built-in ones come as a
// table of loaders from the command.
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TasklogError } from "../errors.ts";
import { pluginCloseMs, pluginStartMs } from "../limits.ts";
import type { Logger } from "../logger.ts";
import type { MasterEvents } from "./events.ts";
import type { HttpHost } from "./http.ts";
import type { MetricsRegistry } from "./metrics.ts";
import type { Plugin, PluginHost } from "./plugin.ts";
import { type OptionSchema, type OptionsOf, validateOptions } from "./plugin-options.ts";
import type { MasterStore } from "./store/master-store.ts";
import type { StreamTaskLogsUnified } from "./stream-types.ts";

/** A plugin as asked for: a built-in name, a path (`./x.ts`, `/x.js`), or an installed package. */
export interface PluginUse {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Name -> loader of a module whose default export is the plugin. */
export type BuiltinPlugins = Readonly<Record<string, () => Promise<{ default: Plugin }>>>;

/** The parts of the master that plugins get something of. */
export interface PluginDependencies {
  readonly builtins: BuiltinPlugins;
  readonly tasks: PluginHost["tasks"];
  readonly workers: PluginHost["workers"];
  readonly events: MasterEvents;
  readonly streamTaskLogsUnified: StreamTaskLogsUnified;
  readonly http: HttpHost;
  readonly store: MasterStore;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
}

interface Started {
  readonly name: string;
  end(): Promise<void>;
}

export class Plugins {
  readonly #dependencies: PluginDependencies;
  readonly #started: Started[] = [];

  constructor(dependencies: PluginDependencies) {
    this.#dependencies = dependencies;
  }

  /** Of those that work. */
  get names(): string[] {
    return this.#started.map(({ name }) => name);
  }

  /** Starts them one after the other, in the order given. Never throws. */
  async start(uses: ReadonlyArray<Plugin | PluginUse>): Promise<void> {
    for (const use of uses) {
      try {
        const isLoaded = "start" in use;
        const plugin = isLoaded ? use : await loadPlugin(use.name, this.#dependencies.builtins);
        if (this.names.includes(plugin.name)) {
          throw new TasklogError("already_exists", "it is loaded already");
        }
        this.#started.push(await this.#startOne(plugin, isLoaded ? {} : (use.options ?? {})));
      } catch (error) {
        const { message } = TasklogError.from(error);
        this.#dependencies.logger.error(
          `the plugin ${use.name} does not work: ${message}; going on without it`,
        );
      }
    }
  }

  /** Ends them, the last one first. Never throws. */
  async close(): Promise<void> {
    for (const plugin of this.#started.splice(0).reverse()) await plugin.end();
  }

  async #startOne(plugin: Plugin, given: Readonly<Record<string, unknown>>): Promise<Started> {
    const { events, http, store, metrics, logger } = this.#dependencies;
    const stop = new AbortController();
    const own = metrics.part(plugin.name);
    const routes: Array<() => void> = [];
    const release = (): void => {
      stop.abort();
      for (const giveBack of routes) giveBack();
      own.remove();
    };
    const host: PluginHost<OptionsOf<OptionSchema>> = {
      options: validateOptions(plugin.name, plugin.options, given),
      logger: named(plugin.name, logger),
      signal: stop.signal,
      tasks: this.#dependencies.tasks,
      workers: this.#dependencies.workers,
      events: () => events.subscribe(stop.signal),
      streamTaskLogsUnified: (signal, ...rest) => {
        const both = AbortSignal.any([signal, stop.signal]);
        const streaming = this.#dependencies.streamTaskLogsUnified(both, ...rest);
        // A plugin that does not look at the outcome must not end the process by an unhandled rejection.
        streaming.catch((error) => logger.debug(`${plugin.name}: ${TasklogError.from(error).message}`));
        return streaming;
      },
      route: (prefix, route) => void routes.push(http.route(prefix, route)),
      keyValue: store.keyValue(`plugin:${plugin.name}`),
      metrics: own,
    };
    let starting: Promise<AsyncDisposable> | undefined;
    try {
      starting = plugin.start(host);
      const running = await within(pluginStartMs, "it did not start in time", starting);
      return { name: plugin.name, end: () => this.#end(plugin.name, release, running) };
    } catch (error) {
      release();
      // One that comes up after all is ended at once.
      starting?.then((running) => this.#end(plugin.name, release, running)).catch(() => undefined);
      throw error;
    }
  }

  async #end(name: string, release: () => void, running: AsyncDisposable | undefined): Promise<void> {
    release();
    try {
      const closing = Promise.resolve(running?.[Symbol.asyncDispose]?.());
      await within(pluginCloseMs, "it did not close in time", closing);
    } catch (error) {
      const { message } = TasklogError.from(error);
      this.#dependencies.logger.warn(`the plugin ${name} did not end well: ${message}`);
    }
  }
}

/**
 * Loads the plugin without starting it. Paths are taken from the current folder.
 * @throws TasklogError "not_found" or "invalid".
 */
async function loadPlugin(name: string, builtins: BuiltinPlugins): Promise<Plugin> {
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (builtin !== undefined) return (await builtin()).default;
  const module = await importModule(name, builtins);
  const plugin = (module as { default?: unknown }).default as Partial<Plugin> | undefined;
  if (
    typeof plugin?.name !== "string" ||
    typeof plugin.start !== "function" ||
    !/^[a-z][a-z0-9-]*$/.test(plugin.name)
  ) {
    throw new TasklogError(
      "invalid",
      "its default export is not what definePlugin({ name, options, start }) gives",
    );
  }
  return { description: "", options: {}, ...plugin } as Plugin;
}

async function importModule(name: string, builtins: BuiltinPlugins): Promise<unknown> {
  const isPath = isAbsolute(name) || /^\.{1,2}\//.test(name);
  let url: string;
  try {
    url = pathToFileURL(isPath ? resolve(name) : Bun.resolveSync(name, process.cwd())).href;
    if (isPath && !(await Bun.file(resolve(name)).exists())) throw new Error("no such file");
  } catch (error) {
    const known = Object.keys(builtins).join(", ");
    const hint = isPath
      ? "there is no such file"
      : `built in are ${known || "none"}; a file is named as ./${name}`;
    throw new TasklogError("not_found", `it was not found: ${hint}`, { cause: error });
  }
  try {
    return await import(url);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TasklogError("invalid", `it cannot be loaded: ${reason}`, { cause: error });
  }
}

function named(name: string, logger: Logger): Logger {
  return {
    debug: (message) => logger.debug(`${name}: ${message}`),
    info: (message) => logger.info(`${name}: ${message}`),
    warn: (message) => logger.warn(`${name}: ${message}`),
    error: (message) => logger.error(`${name}: ${message}`),
  };
}

async function within<T>(ms: number, late: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TasklogError("unavailable", `${late} (${ms / 1000} s)`)), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
