// What is said about tasks and workers comes from strangers, as log lines do: names of images and containers, commands,
// labels, the words of an engine. Here, where it comes in, characters that would hide or reorder it are made visible, and
// what is too long to be read is cut; from here on it is text like any other.
import type { Completion, Task, Worker } from "./api-types.ts";
import { visibleText } from "./control-text.ts";

const lengthMax = 2000;

export function said(text = ""): string {
  return visibleText(text.length > lengthMax ? `${text.slice(0, lengthMax)} …` : text);
}

export function fromApiTask(task: Task): Task {
  const { name, image, worker, user, detail, message, command = [], labels = {} } = task;
  return {
    ...task,
    name: said(name),
    image: said(image),
    worker: said(worker),
    user: said(user),
    detail: said(detail),
    message: said(message),
    command: [said(command.join(" "))],
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [said(key), said(value)])),
  };
}

export function fromApiWorker(worker: Worker): Worker {
  return { ...worker, name: said(worker.name) };
}

export function fromApiCompletion(completion: Completion): Completion {
  return { ...completion, message: said(completion.message ?? "") };
}
