// Text about tasks and workers comes from strangers, as log lines do: names of images and containers, commands,
// labels, the words of an engine. Here, where it comes in, characters that would hide or reorder it are made visible,
// and what is too long to be read is cut; from here on it is text like any other.
import type { Completion, Task, TaskJson, Worker } from "./api-types.ts";
import { visibleText } from "./control-text.ts";

/** The longest message of a server that is shown, in characters. */
const lengthMax = 2000;

export function said(text: string | null): string {
  if (text === null) return "";
  return visibleText(text.length > lengthMax ? `${text.slice(0, lengthMax)} …` : text);
}

export function fromApiTask(task: TaskJson): Task {
  return {
    id: task.id,
    status: task.status,
    exitCode: task.exitCode,
    name: said(task.name),
    image: said(task.image),
    worker: said(task.worker),
    user: said(task.user),
    detail: said(task.detail),
    signal: said(task.signal),
    reason: said(task.reason),
    message: said(task.message),
    command: [said(task.command.join(" "))],
    labels: Object.fromEntries(Object.entries(task.labels).map(([key, value]) => [said(key), said(value)])),
    adopted: task.adopted && { ...task.adopted, container: said(task.adopted.container) },
    lastSeq: task.lastSeq ?? 0,
    bytes: task.bytes ?? 0,
    createdMs: toMs(task.created),
    startedMs: toMs(task.started),
    finishedMs: toMs(task.finished),
  };
}

export function fromApiWorker(worker: Worker): Worker {
  return { ...worker, name: said(worker.name) };
}

export function fromApiCompletion(completion: Completion): Completion {
  const { signal, message } = completion;
  return { ...completion, signal: signal && said(signal), message: message && said(message) };
}

/** 0: not yet. */
function toMs(moment: string | null): number {
  return moment === null ? 0 : Date.parse(moment);
}
