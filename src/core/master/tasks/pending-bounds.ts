// The bounds of waiting tasks: their number in all and of one user, and the memory of their specifications: the
// master keeps those that have not ended, and one client that submits in a loop must not take it from the others.
import { TasklogError } from "../../base/errors.ts";
import { pendingBytesMax, pendingTasksMax, pendingTasksPerUserMax } from "../../base/limits.ts";
import type { StoredTask } from "../store/master-store.ts";

export class PendingBounds {
  readonly #bytes = new Map<string, number>();
  readonly #ofUser = new Map<string, number>();
  #bytesInAll = 0;

  /** @throws TasklogError "exhausted" when one more of `task`'s user is too many. */
  require(task: StoredTask): void {
    const ofUser = this.#ofUser.get(task.userId) ?? 0;
    const isFull = this.#bytes.size >= pendingTasksMax || this.#bytesInAll + bytesOf(task) > pendingBytesMax;
    if (!isFull && ofUser < pendingTasksPerUserMax) return;
    const who = isFull ? `${this.#bytes.size} tasks` : `${ofUser} tasks of this user`;
    throw new TasklogError(
      "exhausted",
      `${who} wait to be started already; submit it when some have been, or cancel some`,
    );
  }

  /** Notes a task; call it with each task as it is now. */
  note(task: StoredTask): void {
    const known = this.#bytes.get(task.id);
    if (task.status === "pending" && known === undefined) this.#count(task, bytesOf(task), 1);
    else if (task.status !== "pending" && known !== undefined) this.#count(task, -known, -1);
  }

  #count({ id, userId }: StoredTask, bytes: number, by: 1 | -1): void {
    if (by === 1) this.#bytes.set(id, bytes);
    else this.#bytes.delete(id);
    this.#bytesInAll += bytes;
    const ofUser = (this.#ofUser.get(userId) ?? 0) + by;
    if (ofUser > 0) this.#ofUser.set(userId, ofUser);
    else this.#ofUser.delete(userId);
  }
}

function bytesOf({ spec }: StoredTask): number {
  return Buffer.byteLength(JSON.stringify(spec));
}
