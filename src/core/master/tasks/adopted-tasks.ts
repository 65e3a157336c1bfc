// Tasks that no master submitted: containers that a worker adopts and tasklog never touches. They are rows like all
// others; what differs is that a name that is taken must not cost the task, that they take no slot, and that nobody can
// stop them here.
import { TasklogError } from "../../base/errors.ts";
import type { Task } from "../../rpc/gen/tasklog/v1/task.ts";
import type { MasterStore, StoredTask } from "../store/master-store.ts";

/**
 * Stores it under its container's name; where an unfinished task has that, with the worker's behind it (`web@alpha`),
 * and where that is taken too, with the container's id.
 */
export async function insertAdopted(
  store: Pick<MasterStore, "insertTask">,
  task: StoredTask,
): Promise<StoredTask> {
  const { name } = task.spec;
  for (const candidate of [name, `${name}@${task.workerName}`]) {
    try {
      return await store.insertTask({ ...task, spec: { ...task.spec, name: candidate } });
    } catch (error) {
      if (TasklogError.from(error).code !== "already_exists") throw error;
    }
  }
  const last = `${name}@${task.containerId.slice(0, 12)}`;
  return await store.insertTask({ ...task, spec: { ...task.spec, name: last } });
}

/** Adopted ones were not placed here and cost nobody a place. */
export function takesSlot(task: Task): boolean {
  return task.adopted === undefined;
}

/** @throws TasklogError "not_permitted" for an adopted container. `verb`: as the docker command has it. */
export function refuseToTouch(task: Task, verb: "stop" | "start"): void {
  if (task.adopted === undefined) return;
  const name = task.spec?.name || task.id;
  const { container } = task.adopted;
  throw new TasklogError(
    "not_permitted",
    `${name} is an adopted container, which tasklog never touches: docker ${verb} ${container}`,
  );
}
