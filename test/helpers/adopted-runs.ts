// What the tests of adopted containers have in common: a worker that adopts one name, its runs, and their lines.
import { startApart, type TaskJson, type Tasklog } from "./tasklog.ts";
import { until } from "./until.ts";

export const newName = () => `adopted-${crypto.randomUUID().slice(0, 8)}`;
export const adopting = (name: string) => startApart([], ["--adopt", `name~^${name}$`]);
export const again = (t: Tasklog, name: string) => t.worker("alpha", "--adopt", `name~^${name}$`);

/** The runs of that name, the oldest first, when there are so many that have ended and no others. */
export function untilEnded(t: Tasklog, name: string, count: number): Promise<TaskJson[]> {
  return until(`${name} has ${count} runs that ended`, async () => {
    const runs = (await t.tasks()).filter((task) => task.name === name);
    const isSo = runs.length === count && runs.every(({ status }) => status !== "running");
    return isSo ? runs.reverse() : undefined;
  });
}

export function untilRunning(t: Tasklog, name: string): Promise<TaskJson> {
  return until(`${name} is followed`, async () =>
    (await t.tasks()).find((task) => task.name === name && task.status === "running"),
  );
}

export async function linesOf(t: Tasklog, id: string): Promise<string[]> {
  return (await t.run("monitor", "--no-follow", "--tail", "all", id)).stdout.split("\n").slice(0, -1);
}

export const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
