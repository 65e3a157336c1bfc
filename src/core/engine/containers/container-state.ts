// When a container is such that one can attach to it.
import type { Container } from "dockerode";
import { sleep } from "../../base/wait.ts";

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
