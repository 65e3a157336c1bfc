// All tasks, live: one event stream for all tabs. A snapshot replaces everything, so after a break nothing old
// stays. Changes are gathered for one frame, however many arrive, and of the tasks that have ended only the newest are
// kept, however long the page is open.

import { signal } from "@preact/signals";
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import type { Snapshot, Task, Worker } from "../model/api-types.ts";
import { fromApiTask, fromApiWorker } from "../model/received.ts";
import { openFeed } from "./feed.ts";
import { keepNewest } from "./newest-tasks.ts";

export const tasks = signal<ReadonlyMap<string, Task>>(new Map());
export const workers = signal<ReadonlyMap<string, Worker>>(new Map());
/** undefined: not known yet. */
export const feedUp = signal<boolean | undefined>(undefined);

/** Changes within this time are shown at once, in ms; a break shorter than the second one is not shown. */
const gatherMs = 50;
const awayShownMs = 1500;

let changedTasks = new Map<string, Task>();
let changedWorkers = new Map<string, Worker>();
let gathering: Timer | undefined;
let away: Timer | undefined;

export function startTaskFeed(): void {
  openFeed(([kind, data]) => {
    if (kind === "snapshot") takeSnapshot(JSON.parse(data));
    else if (kind === "task") {
      const task = fromApiTask(JSON.parse(data));
      changedTasks.set(task.id, task);
      gather();
    } else if (kind === "worker") {
      const worker = fromApiWorker(JSON.parse(data));
      changedWorkers.set(worker.id, worker);
      gather();
    } else {
      away ??= startTimer(() => {
        feedUp.value = false;
      }, awayShownMs);
    }
  });
}

function takeSnapshot(snapshot: Snapshot): void {
  changedTasks = new Map();
  changedWorkers = new Map();
  tasks.value = new Map(snapshot.tasks.map((task) => [task.id, fromApiTask(task)]));
  workers.value = new Map(snapshot.workers.map((worker) => [worker.id, fromApiWorker(worker)]));
  away?.stop();
  away = undefined;
  feedUp.value = true;
}

/**
 * Takes a task that an answer of the API brought, unless the feed tells of it: the answer may have been on its way
 * while the task went on, and would then undo what is known already.
 */
export function noteTask(task: Task): void {
  if (tasks.peek().has(task.id) || changedTasks.has(task.id)) return;
  changedTasks.set(task.id, task);
  gather();
}

function gather(): void {
  if (gathering === undefined) gathering = startTimer(publish, gatherMs);
}

function publish(): void {
  gathering = undefined;
  if (changedTasks.size > 0) tasks.value = newest();
  if (changedWorkers.size > 0) workers.value = new Map([...workers.value, ...changedWorkers]);
  changedTasks = new Map();
  changedWorkers = new Map();
}

function newest(): Map<string, Task> {
  const all = new Map([...tasks.value, ...changedTasks]);
  keepNewest(all, (task) => task.createdMs);
  return all;
}
