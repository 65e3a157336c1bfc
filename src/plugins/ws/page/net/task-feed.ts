// All tasks, live: one event stream for the whole page. A snapshot replaces everything, so after a break nothing old
// stays. Changes are gathered for one frame, however many arrive.
import { signal } from "@preact/signals";
import type { Task, Worker } from "../model/api-types.ts";

export const tasks = signal<ReadonlyMap<string, Task>>(new Map());
export const workers = signal<ReadonlyMap<string, Worker>>(new Map());
/** undefined: not known yet. */
export const feedUp = signal<boolean | undefined>(undefined);

const gatherMs = 50;
/** A browser gives up on an answer that is no event stream; then it is tried again after this long. */
const retryMs = 3000;
const awayShownMs = 1500;

let changedTasks = new Map<string, Task>();
let changedWorkers = new Map<string, Worker>();
let gathering: ReturnType<typeof setTimeout> | undefined;
let away: ReturnType<typeof setTimeout> | undefined;

export function startTaskFeed(): void {
  const source = new EventSource("/api/v1/events");
  source.addEventListener("snapshot", ({ data }) => {
    const snapshot = JSON.parse(data) as { tasks: Task[]; workers: Worker[] };
    changedTasks = new Map();
    changedWorkers = new Map();
    tasks.value = new Map(snapshot.tasks.map((task) => [task.id, task]));
    workers.value = new Map(snapshot.workers.map((worker) => [worker.id, worker]));
    clearTimeout(away);
    away = undefined;
    feedUp.value = true;
  });
  source.addEventListener("task", ({ data }) => noteTask(JSON.parse(data) as Task));
  source.addEventListener("worker", ({ data }) => {
    const worker = JSON.parse(data) as Worker;
    changedWorkers.set(worker.id, worker);
    gather();
  });
  source.onerror = () => {
    if (away === undefined) {
      away = setTimeout(() => {
        feedUp.value = false;
      }, awayShownMs);
    }
    if (source.readyState === EventSource.CLOSED) setTimeout(startTaskFeed, retryMs);
  };
}

/** Takes a task that an answer of the API brought. */
export function noteTask(task: Task): void {
  changedTasks.set(task.id, task);
  gather();
}

function gather(): void {
  if (gathering === undefined) gathering = setTimeout(publish, gatherMs);
}

function publish(): void {
  gathering = undefined;
  if (changedTasks.size > 0) tasks.value = new Map([...tasks.value, ...changedTasks]);
  if (changedWorkers.size > 0) workers.value = new Map([...workers.value, ...changedWorkers]);
  changedTasks = new Map();
  changedWorkers = new Map();
}
