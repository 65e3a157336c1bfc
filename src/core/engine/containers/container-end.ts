// Watches a container until it is down, or until one can attach to it: it is down when it runs no more and its restart policy does
// not start it again. The engine says so only after it has written its last line to the log.
import type { Container, ContainerInspectInfo } from "dockerode";
import { sleep } from "../../base/wait.ts";
import { statusOf } from "../client/engine-errors.ts";

/** The time between two looks at a container that is between two runs, in ms. */
const restartPollMs = 200;

/** True if the container is down: between two runs of its restart policy the engine still says that it is running. */
export const isDown = (state: { readonly Running: boolean }): boolean => !state.Running;

/** True if the process of the container runs now: it is neither down nor between two runs. */
export const isRunning = (state: { readonly Running: boolean; readonly Restarting: boolean }): boolean =>
  !isDown(state) && !state.Restarting;

/** Resolves to the container's inspect as soon as it is not between two runs. Throws what dockerode throws. */
export async function settled(container: Container, signal: AbortSignal): Promise<ContainerInspectInfo> {
  for (;;) {
    const info = await container.inspect();
    if (!info.State.Restarting || signal.aborted) return info;
    await sleep(restartPollMs);
  }
}

export class ContainerEnd {
  #isDown = false;
  #failure: { thrown: unknown } | undefined;

  /** `onChange` is called when it is down, or cannot be asked any more. Abort ends the watching. */
  constructor(container: Container, signal: AbortSignal, onChange: () => void) {
    void this.#watch(container, signal)
      .catch((thrown) => {
        // A removed container has ended.
        if (statusOf(thrown) !== 404) this.#failure = { thrown };
      })
      .then(() => {
        this.#isDown = true;
        onChange();
      });
  }

  /** Nothing more comes that is not in the log already, or nobody knows. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** Throws what dockerode threw, where it is not known how it goes on. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.thrown;
  }

  async #watch(container: Container, abortSignal: AbortSignal): Promise<void> {
    let { State } = await container.inspect();
    while (!abortSignal.aborted) {
      const condition = State.Status === "created" ? "next-exit" : "not-running";
      await container.wait({ condition, abortSignal });
      ({ State } = await settled(container, abortSignal));
      if (isDown(State)) return;
    }
  }
}

// When a container is such that one can attach to it.

/** A container that is paused or waits to be started again is asked after this often, in ms. */
const heldUpMs = 200;

/** Waits while nobody can attach. When it was started; undefined: it is down. */
export async function untilRunning(container: Container, signal: AbortSignal): Promise<string | undefined> {
  for (;;) {
    const { State } = await container.inspect();
    if (isDown(State) || signal.aborted) return undefined;
    if (isRunning(State) && !State.Paused) return State.StartedAt;
    await sleep(heldUpMs);
  }
}
