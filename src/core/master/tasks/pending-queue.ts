// The tasks that wait for a worker, by what they wish of it. Tasks of the same wishes are placed at the same workers and wait
// for the same reason, so that a change costs as much as there are different wishes, however many tasks wait.
import type { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import type { StoredTask } from "../store/master-store.ts";

/** Pending tasks of the same wishes, the oldest first. */
export interface PendingGroup {
  /** The specification of one of them; the wishes of all are the same. */
  readonly spec: TaskSpec;
  /** The place of each task, by id, among all that were submitted. */
  readonly tasks: Map<string, number>;
  /** Those that have not been told `reason` yet. */
  readonly untold: Set<string>;
  /** The reason why they wait, as the scheduler said last. */
  reason: string | undefined;
}

export class PendingQueue {
  readonly #groups = new Map<string, PendingGroup>();
  readonly #groupOf = new Map<string, string>();
  #count = 0;

  /** Takes in a pending task or what has changed about it, and takes out one that is not pending any more. */
  note({ id, status, spec, detail }: Pick<StoredTask, "id" | "status" | "spec" | "detail">): void {
    const known = this.#groupOf.get(id);
    if (status !== "pending") {
      if (known !== undefined) this.#remove(id, known);
      return;
    }
    const wishes = known ?? wishesOf(spec);
    const group = this.#groups.get(wishes) ?? newGroup(spec);
    if (known === undefined) {
      this.#groups.set(wishes, group);
      this.#groupOf.set(id, wishes);
      group.tasks.set(id, this.#count++);
    }
    if (detail === group.reason) group.untold.delete(id);
    else group.untold.add(id);
  }

  groups(): PendingGroup[] {
    return [...this.#groups.values()];
  }

  #remove(id: string, wishes: string): void {
    this.#groupOf.delete(id);
    const group = this.#groups.get(wishes);
    group?.tasks.delete(id);
    group?.untold.delete(id);
    if (group?.tasks.size === 0) this.#groups.delete(wishes);
  }
}

/** Notes that the tasks of a group wait for `reason`, and returns those that have to be told so. */
export function takeUntold(group: PendingGroup, reason: string): string[] {
  const ids = [...(group.reason === reason ? group.untold : group.tasks.keys())];
  group.reason = reason;
  group.untold.clear();
  return ids;
}

function newGroup(spec: TaskSpec): PendingGroup {
  return { spec, tasks: new Map(), untold: new Set(), reason: undefined };
}

function wishesOf({ runtime, image, constraints }: TaskSpec): string {
  return JSON.stringify([runtime, image === "", constraints]);
}
