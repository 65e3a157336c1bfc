// The relays of all tasks that somebody looks at: one for each, started for its first viewer and ended some time
// after its last, so that a viewer who comes back finds the newest lines still there.

import { startTimer, type Timer } from "../../base/wait.ts";
import type { StoredTask } from "../store/master-store.ts";
import { type RelayOptions, TaskRelay } from "./relay.ts";

export interface RelaysOptions extends RelayOptions {
  /** The time a relay stays after its last viewer, in ms. */
  lingerMs: number;
}

export interface RelayLease extends Disposable {
  readonly relay: TaskRelay;
}

interface Held {
  readonly relay: TaskRelay;
  viewers: number;
  timer: Timer | undefined;
}

export class Relays {
  readonly #options: RelaysOptions;
  readonly #held = new Map<string, Held>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: RelaysOptions) {
    this.#options = options;
  }

  /** The number of upstream streams that exist or are being opened. */
  get size(): number {
    return this.#held.size;
  }

  /** The relay of an unfinished task that has a worker. Dispose the lease when no more is read from it. */
  acquire(task: StoredTask): RelayLease {
    const held = this.#held.get(task.id) ?? this.#start(task);
    held.timer?.stop();
    held.viewers++;
    let open = true;
    const release = (): void => {
      if (!open) return;
      open = false;
      held.viewers--;
      // One that was ended meanwhile (the task is done, the master closes) has nothing to linger for.
      if (held.viewers > 0 || this.#held.get(task.id) !== held) return;
      held.timer = startTimer(() => this.#end(task.id, held), this.#options.lingerMs);
    };
    return { relay: held.relay, [Symbol.dispose]: release };
  }

  async close(): Promise<void> {
    for (const [id, held] of this.#held) {
      held.timer?.stop();
      this.#end(id, held);
    }
    await Promise.all(this.#running);
  }

  #start(task: StoredTask): Held {
    const held: Held = { relay: new TaskRelay(task, this.#options), viewers: 0, timer: undefined };
    this.#held.set(task.id, held);
    const running = held.relay.run().finally(() => {
      this.#running.delete(running);
      this.#end(task.id, held);
    });
    this.#running.add(running);
    return held;
  }

  #end(id: string, held: Held): void {
    held.relay.stop();
    held.timer?.stop();
    if (this.#held.get(id) === held) this.#held.delete(id);
  }
}
