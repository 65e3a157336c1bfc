// Waiting for an engine that went away. It is asked again and again, without an end: whoever no longer wants what waits
// says so by the signal.

import { TasklogError } from "../../base/errors.ts";
import { engineRetryMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { sleep } from "../../base/wait.ts";

/**
 * Tries until the engine answers; `onWait` is told each time why not yet, or throws to give up. Every failure but
 * "unavailable" is thrown on; so is the signal's reason on abort, between two attempts.
 */
export async function whenEngineAnswers<T>(
  attempt: () => Promise<T>,
  onWait: (why: TasklogError) => void,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (thrown) {
      const why = TasklogError.from(thrown);
      if (why.code !== "unavailable") throw thrown;
      onWait(why);
      await sleep(engineRetryMs, signal);
    }
  }
}

/**
 * Removes what is left of a task that has ended, as soon as the engine answers, unless `closing` aborts first. Never
 * throws.
 */
export async function cleanUp(
  taskId: string,
  remove: () => Promise<void>,
  logger: Logger,
  closing: AbortSignal,
): Promise<void> {
  try {
    await whenEngineAnswers(remove, () => {}, closing);
  } catch (error) {
    if (closing.aborted) return;
    logger.warn(`cannot clean up after ${taskId}: ${TasklogError.from(error).message}`);
  }
}
