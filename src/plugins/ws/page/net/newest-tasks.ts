// How many tasks a page keeps, however long it is open: all that go on, and of those that have ended the newest.
import { isFinal, type TaskStatus } from "../model/api-types.ts";

/** Beyond this many tasks the oldest of those that have ended are let go, down to the other number. */
const tasksMax = 3000;
const tasksKept = 2000;

/** Takes from `all` what is too much. `createdMs` tells when a task was made. */
export function keepNewest<Kept extends { readonly id: string; readonly status: TaskStatus }>(
  all: Map<string, Kept>,
  createdMs: (task: Kept) => number,
): void {
  if (all.size <= tasksMax) return;
  const ended = [...all.values()].filter(({ status }) => isFinal(status));
  ended.sort((a, b) => createdMs(a) - createdMs(b));
  for (const { id } of ended.slice(0, all.size - tasksKept)) all.delete(id);
}
