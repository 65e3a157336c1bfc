// The ids and names of tasks: `task-` and twelve random letters and digits, and what a person may type instead of
// that.
import { randomBytes } from "node:crypto";
import { TasklogError } from "../../base/errors.ts";
import type { MasterStore, StoredTask } from "../store/master-store.ts";

const base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
/** The random letters of an id: 60 bits, so that two ids never meet by chance. */
const idLettersCount = 12;
/** The most tasks that a message names for an ambiguous prefix: one line of a terminal or two. */
const candidatesShownMax = 5;
const idPattern = /^task-[a-z2-7]{12}$/;

export function newTaskId(): string {
  return `task-${Array.from(randomBytes(idLettersCount), (byte) => base32Alphabet[byte % base32Alphabet.length]).join("")}`;
}

export function isTaskId(text: string): boolean {
  return idPattern.test(text);
}

/**
 * The task that `ref` means: an id, else the newest task of that name, else the only one whose id begins so, with
 * or without `task-`.
 * @throws TasklogError "not_found"; "ambiguous" with up to five candidates.
 */
export async function findTask(store: MasterStore, ref: string): Promise<StoredTask> {
  const exact = (await store.getTask(ref)) ?? (await store.taskNamed(ref));
  if (exact !== undefined) return exact;
  const prefix = ref.startsWith("task-") ? ref : `task-${ref}`;
  const isPrefix = ref !== "" && /^task-[a-z2-7]*$/.test(prefix);
  const found = isPrefix ? await store.tasksWithPrefix(prefix, candidatesShownMax + 1) : [];
  if (found.length === 1) return found[0] as StoredTask;
  if (found.length === 0) {
    throw new TasklogError(
      "not_found",
      `there is no task ${JSON.stringify(ref)}; \`tasklog list-tasks\` shows them`,
    );
  }
  const shown = found
    .slice(0, candidatesShownMax)
    .map(({ id, spec }) => (spec.name ? `${id} (${spec.name})` : id));
  const more = found.length > candidatesShownMax ? ", …" : "";
  throw new TasklogError("ambiguous", `${ref} could be ${shown.join(", ")}${more}; give more of the id`);
}

/** The run that was `back` runs of the same name before `task`. @throws TasklogError "not_found" */
export async function findPrevious(store: MasterStore, task: StoredTask, back: number): Promise<StoredTask> {
  let found: StoredTask | undefined = task;
  for (let left = back; left > 0 && found !== undefined; left--) found = await store.taskBefore(found.id);
  if (found !== undefined) return found;
  const { name } = task.spec;
  const message =
    name === ""
      ? `${task.id} has no name, so there is no run before it: give tasks names with --name`
      : `there is no ${back === 1 ? "" : `${back}. `}run of ${name} before ${task.id}; \`tasklog list-tasks\` shows them`;
  throw new TasklogError("not_found", message);
}
