// Time in the source (ARCHITECTURE.md, "Waiting"): timers are made in base/wait.ts alone, and durations are measured by the
// monotonic clock, so that any duration holds and nobody who sets the clock ends or prolongs a wait.
import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const src = join(import.meta.dir, "../src");
const sources = new Map<string, string>();
for (const path of [...new Bun.Glob("**/*.{ts,tsx}").scanSync({ cwd: src })].sort()) {
  if (path.includes("/gen/")) continue;
  sources.set(path, withoutComments(await readFile(join(src, path), "utf8")));
}

/** What may read the wall clock, and for which moment. A duration is never among them. */
const wallClock: Record<string, string> = {
  "cmd/webhooks.ts": "shows how long ago a moment is",
  "core/base/clock.ts": "the clocks themselves",
  "core/base/moment.ts": "--since 10m is a moment before now",
  "core/engine/containers/run-result.ts": "when a run ended, stored",
  "core/engine/takeover/cut-notes.ts": "ties the monotonic clock to moments that are kept over a restart",
  "core/engine/takeover/engine-memory.ts": "compares the clock of the engine's host with ours",
  "core/log/segments/segment-log.ts": "the age of lines, which have stamps of the wall clock",
  "core/log/stamps.ts": "tells whether a moment is past",
  "core/master/service.ts": "tells others what its clock says, so that they can bring its moments to theirs",
  "core/master/tasks/task-book.ts": "when a task ended, stored",
  "core/master/tasks/task-changes.ts": "when a task was made, stored",
  "core/master/tasks/task-completions.ts": "when a task ended, stored",
  "core/master/workers/workers.ts": "when a worker was seen last, stored",
  "core/rpc/master-client.ts": "brings the moments of the master's host to this one's clock",
  "core/rpc/worker-client.ts": "brings the moments of the worker's host to this one's clock",
  "core/worker/local/monitor-container.ts": "when a run ended, shown",
  "core/worker/runtimes/process/process-run.ts": "when a run began and ended, stored",
  "core/worker/service.ts": "tells others what its clock says, so that they can bring its moments to theirs",
  "core/worker/tasks/task-completion.ts": "when a task ended, stored",
  "core/worker/tasks/task-execution.ts": "when a task began, stored",
  "plugins/webhook/call-book.ts": "when a call is due, shown; what counts is the host's own clock",
  "plugins/webhook/caller.ts": "when an attempt was made; Retry-After names a moment",
  "plugins/webhook/payload.ts": "when an event happened",
  "plugins/webhook/start-webhooks.ts": "when a call was made, shown",
  "plugins/webhook/task-watch.ts": "when a task was lost; what counts is the host's own clock",
  "plugins/ws/page/state/clock.ts": "shows how long ago a moment is",
  "plugins/ws/page/view/commands.ts": "shows how long ago a moment is",
};

/** "file:line" of what `pattern` finds, where `path` is not `allowed`. */
function found(pattern: RegExp, allowed: (path: string) => boolean): string[] {
  return [...sources]
    .filter(([path]) => !allowed(path))
    .flatMap(([path, source]) =>
      [...source.matchAll(pattern)].map(
        (match) => `${path}:${source.slice(0, match.index).split("\n").length}: ${match[0]}`,
      ),
    );
}

/** Comments become spaces; strings stay, because none of these names stands in one. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*/g, (comment) => comment.replace(/\S/g, " "));
}

test("timers are made in base/wait.ts alone", () => {
  const timers =
    /(?<![.\w#])set(?:Timeout|Interval|Immediate)(?!:)\b|\b(?:(?:Bun|timers)\.sleep(?:Sync)?|AbortSignal\.timeout|Atomics\.wait\w*|timers\/promises)\b/g;
  // A thread that does nothing else blocks: it is told of room by nobody.
  const places = ["core/base/wait.ts", "core/base/output-thread.ts"];
  expect(found(timers, (path) => places.includes(path))).toEqual([]);
});

test("the wall clock is read for moments alone, each with its reason above", () => {
  const clock = /\bDate\.now\b|\bnew Date\(\s*\)|\bDate\(\s*\)|\bperformance\.timeOrigin\b/g;
  expect(found(clock, (path) => path in wallClock)).toEqual([]);
  const unused = Object.keys(wallClock).filter((path) => !(sources.get(path) ?? "").match(clock));
  expect(unused).toEqual([]);
});

test("no duration is a difference of two readings of the wall clock", () => {
  const difference = /\bDate\.now\(\)\s*[-<>]|[-<>]=?\s*Date\.now\(\)/g;
  const pastAndFuture = ["core/base/clock.ts", "core/log/stamps.ts", "core/base/moment.ts"];
  const tied = [
    "core/rpc/master-client.ts",
    "core/engine/takeover/cut-notes.ts",
    "core/engine/takeover/engine-memory.ts",
  ];
  expect(found(difference, (path) => [...pastAndFuture, ...tied].includes(path))).toEqual([]);
});
