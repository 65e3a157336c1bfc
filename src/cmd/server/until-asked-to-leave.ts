// Stays until Ctrl-C or SIGTERM, or until the server itself has to end.

import type { TasklogError } from "../../core/base/errors.ts";
import { startInterval } from "../../core/base/wait.ts";
import type { Session } from "../framework/session.ts";

/** Resolves when the session ends; throws what `failed` resolves to. */
export async function untilAskedToLeave(
  { signal }: Session,
  failed: Promise<TasklogError> = new Promise(() => {}),
): Promise<void> {
  const left = Promise.withResolvers<undefined>();
  const leave = (): void => left.resolve(undefined);
  signal.addEventListener("abort", leave, { once: true });
  if (signal.aborted) leave();
  // A timer keeps the loop alive, whatever the sockets do.
  const alive = startInterval(() => {}, 2 ** 30);
  try {
    const failure = await Promise.race([left.promise, failed]);
    if (failure !== undefined) throw failure;
  } finally {
    alive.stop();
  }
}
