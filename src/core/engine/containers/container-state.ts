// When a container is such that one can attach to it, and when it is down so that the engine's log has all of it.

import type { Container } from "dockerode";
import { sleep } from "../../base/wait.ts";

/** How long a container may count as running after its output has ended: the engine waits 12 s for its log, in ms. */
const endMs = 15_000;
const pollMs = 50;
/** A container that is paused or waits to be started again is asked after this often, in ms. */
const heldUpMs = 200;

/** Waits while nobody can attach. When it was started; undefined: it is down. */
export async function untilRunning(container: Container, signal: AbortSignal): Promise<string | undefined> {
  for (;;) {
    const { State } = await container.inspect();
    if (!State.Running || signal.aborted) return undefined;
    if (!State.Paused && !State.Restarting) return State.StartedAt;
    await sleep(heldUpMs);
  }
}

/** Waits until the run that began at `startedAt` is over, for a bounded time. */
export async function untilDown(container: Container, startedAt: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + endMs;
  while (!signal.aborted && performance.now() < deadline) {
    const { State } = await container.inspect();
    if (!State.Running || State.Restarting || State.StartedAt !== startedAt) return;
    await sleep(pollMs);
  }
}
