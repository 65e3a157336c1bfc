// Search-as-you-type over the tasks: words that all must occur somewhere, `key=value` for labels, and a set of statuses.
import { isFinal, type Task } from "./api-types.ts";

export type StatusChoice = "all" | "active" | "failed" | "done";

export interface TaskQuery {
  readonly text: string;
  readonly status: StatusChoice;
}

function haystack(task: Task): string {
  const labels = Object.entries(task.labels).map(([key, value]) => `${key}=${value}`);
  return [
    task.name,
    task.id,
    task.image,
    task.command.join(" "),
    task.worker,
    task.user,
    task.status,
    ...labels,
  ]
    .join(" ")
    .toLowerCase();
}

function hasStatus(task: Task, status: StatusChoice): boolean {
  if (status === "active") return !isFinal(task.status);
  if (status === "failed") return task.status === "failed" || task.status === "lost";
  return status === "all" || isFinal(task.status);
}

/** The tasks that fit, newest first. */
export function findTasks(tasks: Iterable<Task>, { text, status }: TaskQuery): Task[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found: Task[] = [];
  for (const task of tasks) {
    if (!hasStatus(task, status)) continue;
    const where = words.length === 0 ? "" : haystack(task);
    if (words.every((word) => where.includes(word))) found.push(task);
  }
  return found.sort((a, b) => b.createdMs - a.createdMs || b.id.localeCompare(a.id));
}

/** The title of a task: its name, or its id. */
export function titleOf(task: Pick<Task, "id" | "name">): string {
  return task.name || task.id;
}
