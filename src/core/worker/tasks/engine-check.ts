// Knows if the engine of a worker answers. A worker starts without one: tasks that need it fail with the same
// sentence as is said here, and it is used as soon as it is there.
import { TasklogError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { TaskRuntime } from "../runtimes/runtime.ts";

/** "docker 20.10.24"; empty when there is no engine or none that answers. Never throws. */
export async function engineOf(runtimes: readonly TaskRuntime[]): Promise<string> {
  return (
    (await dockerOf(runtimes)
      ?.version()
      .catch(() => "")) ?? ""
  );
}

/** Says once that the engine does not answer, unless `signal` aborts first. Never throws. */
export async function warnOfMissingEngine(
  runtimes: readonly TaskRuntime[],
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    await dockerOf(runtimes)?.version();
  } catch (error) {
    if (!signal.aborted) logger.warn(TasklogError.from(error).message);
  }
}

function dockerOf(runtimes: readonly TaskRuntime[]): TaskRuntime | undefined {
  return runtimes.find((runtime) => runtime.name === "docker");
}
