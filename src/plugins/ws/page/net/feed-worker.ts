// The script of the SharedWorker that keeps the one stream of events for all tabs of the page. A browser opens six
// connections to a server at once (HTTP/1.1): with a stream for each tab the seventh tab would wait for ever. A tab that
// comes later gets what is known as a snapshot.
import type { Snapshot } from "../model/api-types.ts";
import { type FeedEvent, openEventSource } from "./event-source.ts";
import { keepNewest } from "./newest-tasks.ts";

const ports = new Set<MessagePort>();
const tasks = new Map<string, Snapshot["tasks"][number]>();
const workers = new Map<string, Snapshot["workers"][number]>();
let isKnown = false;

function keep([kind, data]: FeedEvent): void {
  if (kind === "snapshot") {
    const snapshot = JSON.parse(data) as Snapshot;
    isKnown = true;
    tasks.clear();
    workers.clear();
    for (const task of snapshot.tasks) tasks.set(task.id, task);
    for (const worker of snapshot.workers) workers.set(worker.id, worker);
  } else if (kind === "task") {
    const task = JSON.parse(data);
    tasks.set(task.id, task);
    keepNewest(tasks, (one: Snapshot["tasks"][number]) => Date.parse(one.created ?? ""));
  } else if (kind === "worker") {
    const worker = JSON.parse(data);
    workers.set(worker.id, worker);
  } else isKnown = false;
}

function connect(port: MessagePort): void {
  ports.add(port);
  // A tab says so when it goes.
  port.onmessage = () => ports.delete(port);
  const snapshot = { tasks: [...tasks.values()], workers: [...workers.values()] };
  if (isKnown) port.postMessage(["snapshot", JSON.stringify(snapshot)] satisfies FeedEvent);
}

openEventSource((event) => {
  keep(event);
  for (const port of ports) port.postMessage(event);
});
addEventListener("connect", (event) => {
  for (const port of (event as MessageEvent).ports) connect(port);
});
