// Follows the master's events and prints every task that runs, from its first line to its end.
import { Turns } from "../../core/base/turns.ts";
import { isFinal } from "../../core/log/log-item.ts";
import {
  type LogStreamHandler,
  type PluginHost,
  type StreamTaskLogsOptions,
  type Task,
  TasklogError,
} from "../../core/plugin-api.ts";
import type { Output } from "./output.ts";
import { type OutputStyle, TaskPrefix } from "./task-prefix.ts";

export interface PrintingOptions {
  readonly tasks: readonly string[];
  readonly tail: number;
  readonly color: string;
}

/** Resolves when it prints. Disposing it waits for the line that is being printed. */
export async function startPrinting(
  host: PluginHost<PrintingOptions>,
  output: Output,
): Promise<AsyncDisposable> {
  const printing = new Printing(host, output);
  // The cursor on the events is taken before the tasks are listed, so that none falls between.
  const events = host.events();
  const { tail } = host.options;
  for (const task of await host.tasks.list({ status: ["pending", "starting", "running"] })) {
    printing.follow(task, { from: task.status === "running" ? { tail } : { all: true } });
  }
  const following = (async () => {
    for await (const event of events) {
      if (event.kind === "task_created") printing.follow(event.task, { from: { all: true } });
      else if (event.kind === "missed") await printing.catchUp();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      await following;
      await printing.end();
    },
  };
}

class Printing {
  readonly #host: PluginHost<PrintingOptions>;
  readonly #output: Output;
  readonly #style: OutputStyle;
  readonly #followed = new Map<string, Promise<void>>();
  /** The output takes nothing any more. */
  readonly #gone = new AbortController();
  readonly #signal: AbortSignal;
  readonly #turns = new Turns();

  constructor(host: PluginHost<PrintingOptions>, output: Output) {
    this.#host = host;
    this.#signal = AbortSignal.any([host.signal, this.#gone.signal]);
    this.#output = output;
    const { color } = host.options;
    const { isTerminal } = output;
    this.#style = { color: color === "always" || (color === "auto" && isTerminal), isTerminal };
  }

  follow(task: Task, options: StreamTaskLogsOptions): void {
    const signal = this.#signal;
    if (signal.aborted || this.#followed.has(task.id) || !this.#isWanted(task)) return;
    const { logger, streamTaskLogsUnified } = this.#host;
    const followed = streamTaskLogsUnified(signal, task.id, "", this.#handlerOf(task), options)
      .catch((error: unknown) => {
        if (!signal.aborted) logger.warn(`${task.id} is not printed any more: ${String(error)}`);
      })
      .then(() => void this.#followed.delete(task.id));
    this.#followed.set(task.id, followed);
  }

  /** Follows all running tasks that are not followed yet, after events were missed. */
  async catchUp(): Promise<void> {
    for (const task of await this.#host.tasks.list({ status: ["pending", "starting", "running"] })) {
      this.follow(task, { from: { all: true } });
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#followed.values());
    await this.#turns.settled();
  }

  #isWanted({ id, spec }: Task): boolean {
    const { tasks } = this.#host.options;
    if (tasks.length === 0) return true;
    const labels = Object.entries(spec?.labels ?? {}).map(([key, value]) => `${key}=${value}`);
    return [id, spec?.name ?? "", ...labels].some((name) => tasks.includes(name));
  }

  #handlerOf(task: Task): LogStreamHandler {
    const prefix = new TaskPrefix(task, this.#style);
    return async ({ lines, gap, completion }) => {
      if (lines !== undefined) {
        const text = Array.from(lines.lines(), (line) => prefix.line(line.text, line.stream)).join("");
        await this.#print(text);
      } else if (gap !== undefined) {
        await this.#print(prefix.note(`lines are missing: ${gap.reason}`));
      } else if (completion !== undefined && isFinal(completion.status)) {
        const code = completion.exitCode === undefined ? "" : ` (exit code ${completion.exitCode})`;
        await this.#print(prefix.note(`${completion.status}${code}`));
      }
    };
  }

  /** Prints one text after the other, so that no line is cut by another task's. */
  #print(text: string): Promise<void> {
    return this.#turns
      .take(() => (this.#gone.signal.aborted ? undefined : this.#output.write(text)))
      .catch((error: unknown) => this.#end(error));
  }

  #end(error: unknown): void {
    this.#gone.abort();
    this.#host.logger.warn(`nothing is printed any more: ${TasklogError.from(error).message}`);
  }
}
