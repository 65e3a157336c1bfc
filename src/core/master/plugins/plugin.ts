// The plugin contract: what a plugin is, and all of the master that it can reach. A plugin is a module whose default
// export is `definePlugin({ name, options, start(host) })`. The built-in ones use nothing else.
//
// Of what changes something there are two: a task can be submitted and one can be cancelled, as any client of the master
// may, because a page that shows tasks is asked to start and stop them. Deliberately absent: anything that changes a
// worker, the queue or a log.
import type { Logger } from "../../base/logger.ts";
import type { DeepPartial, Task, TaskSpec, WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";
import type { HttpRoute } from "../http/http.ts";
import type { Metrics } from "../http/metrics.ts";
import type { ReadTaskLog } from "../reading/read-task-log.ts";
import type { StreamTaskLogsUnified } from "../reading/stream-types.ts";
import type { KeyValue, TaskFilter } from "../store/master-store.ts";
import type { MasterEvent } from "../tasks/events.ts";
import type { OptionSchema, OptionsOf } from "./plugin-options.ts";

/** The error that a plugin throws to say what is wrong in a sentence, with one of the table's codes. */
export { TasklogError } from "../../base/errors.ts";
/** The specification of a task, and what fills one in or encodes it. */
export { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
/** The public JSON of tasks, workers and completions: a plugin gives them as the command line and the HTTP API do. */
export {
  type CompletionJson,
  type TaskJson,
  toCompletionJson,
  toTaskJson,
  toTaskJsonInFull,
} from "../../rpc/task-json.ts";
export { toWorkerJson, type WorkerJson } from "../../rpc/worker-json.ts";

export interface Plugin<Schema extends OptionSchema = OptionSchema> {
  /** Lower-case letters, digits and dashes; names its options, its stored values and its metrics. */
  readonly name: string;
  /** The description, one line, for `tasklog plugins`. */
  readonly description: string;
  /** The options that can be set, with defaults. The host validates before `start`. */
  readonly options: Schema;
  /**
   * Resolves when the plugin works; what it resolves to is disposed when the master ends. A throw is reported by the
   * plugin's name and the master goes on without it.
   */
  start(host: PluginHost<OptionsOf<Schema>>): Promise<AsyncDisposable>;
}

export interface MasterAbout {
  readonly masterId: string;
  readonly version: string;
  /** Names of the plugins that work now. */
  readonly plugins: readonly string[];
  /** The URL of its HTTP server, `http://127.0.0.1:8080`; undefined if there is none. */
  readonly httpUrl: string | undefined;
}

/**
 * A method that clients can call. What it throws goes to the client: TasklogError as it is, everything else as
 * "internal".
 */
export type PluginMethod = (input: unknown, call: PluginCall) => unknown;

export interface PluginCall {
  /** Empty: the client did not say. */
  readonly userId: string;
  /** Aborts when the client has gone or the plugin ends. */
  readonly signal: AbortSignal;
}

export interface PluginHost<Options = Record<string, unknown>> {
  readonly options: Options;
  /** Says the plugin's name before each message. */
  readonly logger: Logger;
  /** Aborts when the plugin shall end; `start`'s result is disposed right after. */
  readonly signal: AbortSignal;
  /** The facts about the master that every client gets. */
  readonly master: MasterAbout;
  /** Tasks, workers and events cannot be written to: everybody sees the same ones. */
  readonly tasks: {
    /**
     * Finds a task by id, unique prefix or name; with `previous`, so many runs of the same name before that one. Throws `not_found` or
     * `ambiguous`.
     */
    get(task: string, previous?: number): Promise<Task>;
    /** Newest first. */
    list(filter?: TaskFilter): Promise<Task[]>;
    /** Resolves when the task is stored; it runs when a worker has a place for it. Throws `invalid`, `already_exists`. */
    submit(spec: DeepPartial<TaskSpec>, userId: string): Promise<Task>;
    /** Cancels a task; with `force` it is killed at once. One that is finished stays as it is. Throws as `get`. */
    cancel(task: string, force: boolean): Promise<Task>;
    /**
     * Submits a new task with the specification of this one. Throws as `get` and `submit`, and `not_permitted` for an
     * adopted container, which tasklog does not start.
     */
    runAgain(task: string, userId: string): Promise<Task>;
  };
  readonly workers: {
    /** Connected and away, by name. */
    list(): Promise<WorkerInfo[]>;
  };
  /** All events from the call on; a reader that is too slow is told how many it missed. Abort ends it quietly. */
  events(signal?: AbortSignal): AsyncIterableIterator<MasterEvent>;
  /** Registers the plugin's LogStreamHandler with a task's log. Ends with the plugin at the latest. */
  readonly streamTaskLogsUnified: StreamTaskLogsUnified;
  /** Reads one bounded piece of a task's log, at the plugin's pace: for ranges, search and export. */
  readonly readTaskLog: ReadTaskLog;
  /**
   * Takes a path of the master's HTTP server, with all below it, until the plugin ends. Throws `already_exists` when
   * another plugin has it, or a part of it.
   */
  route(prefix: string, route: HttpRoute): void;
  /**
   * Answers what clients ask the plugin, over gRPC (`Master.CallPlugin`), so with `--http none` too. Input and answer
   * are JSON. `tasklog webhooks` is such a client. Throws `already_exists`.
   */
  answer(method: string, handler: PluginMethod): void;
  /** Small texts that survive a restart of the master. Throws `invalid` for what is too long (core/limits.ts). */
  readonly keyValue: KeyValue;
  /** Names are prefixed with `tasklog_<plugin>_`. */
  readonly metrics: Metrics;
}

/** Gives a plugin's options their types. It changes nothing. */
export function definePlugin<const Schema extends OptionSchema>(plugin: Plugin<Schema>): Plugin<Schema> {
  return plugin;
}
