// All tasks, live: one event stream for the whole page. A snapshot replaces everything, so after a break nothing old
// stays. Changes are gathered for one frame, however many arrive, and of the tasks that have ended only the newest are
// kept, however long the page is open.

import { signal } from "@preact/signals";
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import { isFinal, type Snapshot, type Task, type Worker } from "../model/api-types.ts";
import { fromApiTask, fromApiWorker } from "../model/received.ts";

export const tasks = signal<ReadonlyMap<string, Task>>(new Map());
export const workers = signal<ReadonlyMap<string, Worker>>(new Map());
/** undefined: not known yet. */
export const feedUp = signal<boolean | undefined>(undefined);

const gatherMs = 50;
/** A browser gives up on an answer that is no event stream; then it is tried again after this long. */
const retryMs = 3000;
const awayShownMs = 1500;
/** Beyond so many tasks the oldest of those that have ended are let go, down to so many. */
const tasksMax = 3000;
const tasksKept = 2000;

let changedTasks = new Map<string, Task>();
let changedWorkers = new Map<string, Worker>();
let gathering: Timer | undefined;
let away: Timer | undefined;

export function startTaskFeed(): void {
  const source = new EventSource("/api/v1/events");
  source.addEventListener("snapshot", ({ data }) => {
    const snapshot = JSON.parse(data) as Snapshot;
    changedTasks = new Map();
    changedWorkers = new Map();
    tasks.value = new Map(snapshot.tasks.map((task) => [task.id, fromApiTask(task)]));
    workers.value = new Map(snapshot.workers.map((worker) => [worker.id, fromApiWorker(worker)]));
    away?.stop();
    away = undefined;
    feedUp.value = true;
  });
  source.addEventListener("task", ({ data }) => {
    const task = fromApiTask(JSON.parse(data));
    changedTasks.set(task.id, task);
    gather();
  });
  source.addEventListener("worker", ({ data }) => {
    const worker = fromApiWorker(JSON.parse(data));
    changedWorkers.set(worker.id, worker);
    gather();
  });
  source.onerror = () => {
    if (away === undefined) {
      away = startTimer(() => {
        feedUp.value = false;
      }, awayShownMs);
    }
    if (source.readyState === EventSource.CLOSED) startTimer(startTaskFeed, retryMs);
  };
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
  if (changedTasks.size > 0) tasks.value = newest(new Map([...tasks.value, ...changedTasks]));
  if (changedWorkers.size > 0) workers.value = new Map([...workers.value, ...changedWorkers]);
  changedTasks = new Map();
  changedWorkers = new Map();
}

function newest(all: Map<string, Task>): Map<string, Task> {
  if (all.size <= tasksMax) return all;
  const ended = [...all.values()].filter(({ status }) => isFinal(status));
  ended.sort((a, b) => a.createdMs - b.createdMs);
  for (const { id } of ended.slice(0, all.size - tasksKept)) all.delete(id);
  return all;
}
