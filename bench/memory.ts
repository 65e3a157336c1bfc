// What the ring of one task costs in memory: 1000 lines of 120 bytes, held by many tasks at once, each of which has
// seen several times as many lines as it holds. The difference of the process's memory before and after, divided by
// the number of tasks.
import { LineBatchBuilder } from "../src/core/log/line-batch.ts";
import { TaskLogBroadcaster } from "../src/core/log/task-log-broadcaster.ts";
import { machine } from "./side-by-side.ts";

const tasks = 500;
const ringLines = 1000;
const lineBytes = 120; // newline included
const seenLines = 3500;
const batchLines = 50;

const line = new TextEncoder().encode("x".repeat(lineBytes - 1));

function batch() {
  const builder = new LineBatchBuilder(batchLines, batchLines * lineBytes);
  for (let n = 0; n < batchLines; n++) {
    builder.add(line, 0, line.length, { seconds: 1_795_000_000, nanos: n }, 0);
  }
  return builder.build(1);
}

/** Bytes: what the process holds of the machine, and what the engine of JavaScript counts as in use. */
function memory(): { rss: number; heap: number } {
  for (let n = 0; n < 3; n++) Bun.gc(true);
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}

function fill(count: number): TaskLogBroadcaster[] {
  return Array.from({ length: count }, (_, n) => {
    const log = new TaskLogBroadcaster({ taskId: `task-${n}`, ringLinesMax: ringLines });
    for (let seen = 0; seen < seenLines; seen += batchLines) log.publish(batch());
    return log;
  });
}

fill(5); // what is compiled once is not the tasks'
await Bun.sleep(500);
const before = memory();
const logs = fill(tasks);
await Bun.sleep(500);
const after = memory();

console.log(await machine());
console.log(
  `${tasks} tasks, ring of ${ringLines} lines x ${lineBytes} bytes, after ${seenLines} lines each:`,
);
for (const what of ["rss", "heap"] as const) {
  const perTask = (after[what] - before[what]) / logs.length / 1000;
  console.log(`  ${what.padEnd(5)} ${perTask.toFixed(0)} KB a task`);
}
