// One plugin from its start to its end: the host it gets, and taking back all that it took. Whatever a plugin forgets
// (a stream, a path, a method, a metric) ends with it; whatever it asks for afterwards is refused.

import { TasklogError } from "../../base/errors.ts";
import { frozen } from "../../base/frozen.ts";
import { pluginCloseMs, pluginStartMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { untilAborted, within } from "../../base/wait.ts";
import type { HttpHost } from "../http/http.ts";
import type { MetricsRegistry } from "../http/metrics.ts";
import type { ReadTaskLog } from "../reading/read-task-log.ts";
import type { LogStreamHandler, StreamTaskLogsUnified } from "../reading/stream-types.ts";
import type { MasterStore } from "../store/master-store.ts";
import type { MasterEvents } from "../tasks/events.ts";
import type { MasterAbout, PluginCall, PluginHost, PluginMethod } from "./plugin.ts";
import { watchFaults } from "./plugin-faults.ts";
import { folderOf, type LoadedPlugin } from "./plugin-loading.ts";
import { type OptionSchema, type OptionsOf, validateOptions } from "./plugin-options.ts";
import { boundedValues } from "./plugin-values.ts";

/** The parts of the master that plugins get something of. */
export interface PluginDependencies {
  readonly about: () => MasterAbout;
  readonly tasks: PluginHost["tasks"];
  readonly workers: PluginHost["workers"];
  readonly events: MasterEvents;
  readonly streamTaskLogsUnified: StreamTaskLogsUnified;
  readonly readTaskLog: ReadTaskLog;
  readonly http: HttpHost;
  readonly store: MasterStore;
  readonly metrics: MetricsRegistry;
  readonly logger: Logger;
}

export class RunningPlugin {
  readonly name: string;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #methods = new Map<string, PluginMethod>();
  /** Takes back what the plugin took. */
  readonly #taken = new DisposableStack();
  #running: AsyncDisposable | undefined;

  private constructor(name: string, logger: Logger) {
    this.name = name;
    this.#logger = logger;
  }

  /**
   * `onFail` is called when code of the plugin has thrown where nobody caught it.
   * @throws TasklogError for bad options, and what the plugin's `start` throws; "unavailable" when it hangs.
   */
  static async start(
    { plugin, file }: LoadedPlugin,
    given: Readonly<Record<string, unknown>>,
    dependencies: PluginDependencies,
    onFail: (running: RunningPlugin, error: unknown) => void,
  ): Promise<RunningPlugin> {
    const running = new RunningPlugin(plugin.name, dependencies.logger);
    const host = running.#host(validateOptions(plugin.name, plugin.options, given), dependencies);
    if (file !== undefined) {
      const fail = (error: unknown) => onFail(running, error);
      const tell = (message: string) => dependencies.logger.error(message);
      running.#taken.use(watchFaults({ name: plugin.name, file, folder: folderOf(file), fail, tell }));
    }
    let starting: Promise<AsyncDisposable> | undefined;
    try {
      starting = Promise.resolve(plugin.start(host));
      running.#running = await within(pluginStartMs, "it did not start in time", starting);
      return running;
    } catch (error) {
      running.#release();
      // One that comes up after all is ended at once.
      starting?.then((late) => late?.[Symbol.asyncDispose]?.()).catch(() => undefined);
      throw error;
    }
  }

  /** The name of the plugin in messages. */
  get title(): string {
    return `the plugin ${this.name}`;
  }

  /** @throws TasklogError "not_found" when the plugin answers no such method, and what the plugin throws. */
  async call(method: string, input: unknown, call: PluginCall): Promise<unknown> {
    const handler = this.#methods.get(method);
    if (handler === undefined) {
      const known = [...this.#methods.keys()].join(", ") || "nothing";
      throw new TasklogError("not_found", `${this.title} does not answer ${method}; it answers ${known}`);
    }
    return await handler(input, { ...call, signal: AbortSignal.any([call.signal, this.#stop.signal]) });
  }

  /** Never throws, never takes longer than `pluginCloseMs`. May be called twice. */
  async end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#release();
    try {
      const closing = Promise.resolve(running?.[Symbol.asyncDispose]?.());
      await within(pluginCloseMs, "it did not close in time", closing);
    } catch (error) {
      const { message } = TasklogError.from(error);
      this.#logger.warn(`${this.title} did not end well: ${message}`);
    }
  }

  #release(): void {
    this.#stop.abort();
    this.#methods.clear();
    this.#taken.dispose();
  }

  #host(options: OptionsOf<OptionSchema>, parts: PluginDependencies): PluginHost<OptionsOf<OptionSchema>> {
    const { tasks, workers, events, http, store, metrics } = parts;
    const { signal } = this.#stop;
    const own = metrics.part(this.name);
    this.#taken.defer(() => own.remove());
    return {
      options,
      logger: named(this.name, this.#logger),
      signal,
      get master() {
        return parts.about();
      },
      tasks: {
        // Spread, so that an argument that the master takes later is not lost on the way.
        get: async (...asked) => frozen(await tasks.get(...asked)),
        list: async (...asked) => (await tasks.list(...asked)).map(frozen),
        submit: async (...asked) => frozen(await tasks.submit(...asked)),
        cancel: async (...asked) => frozen(await tasks.cancel(...asked)),
        runAgain: async (...asked) => frozen(await tasks.runAgain(...asked)),
      },
      workers: { list: async (...asked) => (await workers.list(...asked)).map(frozen) },
      events: (asked) => events.subscribe(asked === undefined ? signal : AbortSignal.any([asked, signal])),
      streamTaskLogsUnified: (asked, taskId, userId, handler, ...rest) => {
        const both = AbortSignal.any([asked, signal]);
        const bounded = endsWith(both, handler);
        const streaming = parts.streamTaskLogsUnified(both, taskId, userId, bounded, ...rest);
        // A plugin that does not look at the outcome must not end the process by an unhandled rejection.
        streaming.catch((error) => this.#logger.debug(`${this.name}: ${TasklogError.from(error).message}`));
        return streaming;
      },
      readTaskLog: parts.readTaskLog,
      route: (prefix, route) => {
        this.#requireRunning();
        this.#taken.defer(http.route(prefix, route, this.title));
      },
      answer: (method, handler) => {
        this.#requireRunning();
        if (this.#methods.has(method)) {
          throw new TasklogError("already_exists", `the method ${method} is answered already`);
        }
        this.#methods.set(method, handler);
      },
      keyValue: boundedValues(store.keyValue(`plugin:${this.name}`)),
      metrics: {
        counter: (name, help) => {
          this.#requireRunning();
          return own.counter(name, help);
        },
        gauge: (name, help, read) => {
          this.#requireRunning();
          own.gauge(name, help, read);
        },
      },
    };
  }

  #requireRunning(): void {
    if (this.#stop.signal.aborted) throw new TasklogError("aborted", `${this.title} has ended`);
  }
}

/** A handler that never returns holds its stream, and what the stream holds, no longer than the plugin lives. */
function endsWith(signal: AbortSignal, handler: LogStreamHandler): LogStreamHandler {
  return (update) => {
    const handled = handler(update);
    return handled instanceof Promise ? untilAborted(handled, signal) : handled;
  };
}

function named(name: string, logger: Logger): Logger {
  return {
    debug: (message) => logger.debug(`${name}: ${message}`),
    info: (message) => logger.info(`${name}: ${message}`),
    warn: (message) => logger.warn(`${name}: ${message}`),
    error: (message) => logger.error(`${name}: ${message}`),
  };
}
