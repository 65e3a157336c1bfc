// The contract that every plugin keeps, as checks that run one: it is put into a real master with a real worker and
// tormented. `tasklog plugins --check ./my-plugin.ts` runs them from the executable; `testPlugin` makes a test of each
// for any test runner.
//
// Deliberately absent: what a plugin is for. That is for its own tests.

import { pluginCloseMs } from "../base/limits.ts";
import { loadPlugin } from "../master/plugins/plugin-loading.ts";
import { type OptionSchema, validateOptions } from "../master/plugins/plugin-options.ts";
import { type PluginSubject, Trial } from "./trial.ts";

export type { PluginSubject } from "./trial.ts";

interface Check {
  /** A sentence about a plugin that is right. */
  readonly name: string;
  run(subject: PluginSubject): Promise<void>;
}

/** Text that has gone wrong somewhere: terminal escapes, HTML, right-to-left marks, a NUL, no UTF-8, no newline. */
const hostileScript = String.raw`printf '\033]0;title\007\033[2J<script>alert(1)</script>\342\200\256\000\377\376\r%%s%%n\nend'`;

/** The lines of the trial that overruns a plugin: many times the ring of a task. */
const floodLines = 100_000;

const pluginChecks: readonly Check[] = [
  {
    name: "says what it is: a name, one line about itself, one about each option, and defaults that it takes itself",
    async run({ name, builtins = {} }) {
      const { plugin } = await loadPlugin(name, builtins);
      const texts = { "the plugin": plugin.description };
      for (const [key, { description }] of Object.entries(plugin.options)) {
        Object.assign(texts, { [`the option ${key}`]: description });
      }
      for (const [what, text] of Object.entries(texts)) {
        if (typeof text !== "string" || text.trim() === "") throw new Error(`${what} has no description`);
        if (text.includes("\n")) throw new Error(`the description of ${what} is more than one line`);
      }
      const defaults = Object.entries(plugin.options).map(([key, option]) => [key, option.default]);
      validateOptions<OptionSchema>(plugin.name, plugin.options, Object.fromEntries(defaults));
    },
  },
  {
    name: "starts, ends with its master, and starts again on what it has kept",
    async run(subject) {
      await using trial = await Trial.start(subject);
      await trial.run("echo once");
      await trial.restart();
      await trial.run("echo twice");
      await trial.restart();
      await trial.requireWell();
    },
  },
  {
    name: "works without an HTTP server",
    async run(subject) {
      await using trial = await Trial.start(subject, false);
      await trial.run("echo quiet");
      await trial.requireWell();
    },
  },
  {
    name: "takes whatever tasks print and however they end",
    async run(subject) {
      await using trial = await Trial.start(subject);
      const { id } = await trial.submit("echo waits; exec sleep 60");
      await trial.until(id, ({ status }) => status === "running");
      await trial.run(hostileScript);
      await trial.run("echo out; echo err >&2; exit 3");
      await trial.run("head -c 3000000 /dev/zero | tr '\\0' x");
      await trial.run("kill -9 $$");
      await trial.run("true");
      await trial.client.cancelTask({ task: id, force: true });
      await trial.ended(id);
      await trial.requireWell();
    },
  },
  {
    name: "holds up nobody: others get a flood of lines to its end",
    async run(subject) {
      await using trial = await Trial.start(subject);
      const { id } = await trial.submit(`seq ${floodLines}`);
      const count = await trial.linesOf(id);
      if (count !== floodLines) throw new Error(`a viewer got ${count} of ${floodLines} lines`);
      await trial.requireWell();
    },
  },
  {
    name: "ends at once in the middle of a flood",
    async run(subject) {
      await using trial = await Trial.start(subject);
      const { id } = await trial.submit("while :; do echo on and on; done");
      await trial.until(id, ({ status }) => status === "running");
      const tookMs = await trial.end();
      await trial.requireWell();
      if (tookMs > pluginCloseMs * 2) throw new Error(`the master took ${Math.round(tookMs)} ms to end`);
    },
  },
  {
    name: "takes many short tasks at once",
    async run(subject) {
      await using trial = await Trial.start(subject);
      const tasks = await Promise.all(Array.from({ length: 30 }, (_, n) => trial.submit(`echo ${n}`)));
      for (const { id } of tasks) await trial.ended(id);
      await trial.requireWell();
    },
  },
];

export interface CheckResult {
  readonly check: string;
  /** The fault that was found, in one sentence; undefined if there is none. */
  readonly error: string | undefined;
}

/** Runs the checks one after the other. Abort ends it after the one that runs. */
export async function* checkPlugin(
  subject: PluginSubject,
  signal?: AbortSignal,
): AsyncGenerator<CheckResult, void, undefined> {
  for (const { name, run } of pluginChecks) {
    if (signal?.aborted) return;
    try {
      await run(subject);
      yield { check: name, error: undefined };
    } catch (thrown) {
      yield { check: name, error: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }
}

/** A test for each check, by the `test` of bun:test, node:test, vitest or another: `testPlugin(test, { name })`. */
export function testPlugin(
  test: (name: string, run: () => Promise<void>) => unknown,
  subject: PluginSubject,
): void {
  for (const { name, run } of pluginChecks) test(`plugin ${subject.name} - ${name}`, () => run(subject));
}
