// The events of tasks and workers, in order. A reader is a cursor on the newest events, as everywhere in tasklog: one
// that is slow misses the oldest ones and is told how many, and nobody waits for it.

import { Change, nextChange } from "../../base/change.ts";
import { frozen } from "../../base/frozen.ts";
import type { Task, WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";

/** Events of the master that a slow reader may be behind before it misses some. */
const masterEventsMax = 4096;

export type MasterEvent =
  | { kind: "task_created" | "task_started" | "task_completed"; task: Task }
  /** A task changed before its end: it is given to a worker, it waits for another reason, its end is requested. */
  | { kind: "task_changed"; task: Task }
  | { kind: "worker_joined" | "worker_left"; worker: WorkerInfo }
  /** This reader was so slow that `count` events are gone. */
  | { kind: "missed"; count: number };

export class MasterEvents {
  readonly #newest: MasterEvent[] = [];
  /** The number of events before the oldest in `#newest`. */
  #dropped = 0;
  readonly #change = new Change();

  emit(event: MasterEvent): void {
    this.#newest.push(frozen(event));
    // Dropping one at a time would move the array for each event.
    if (this.#newest.length >= masterEventsMax * 2) {
      this.#dropped += this.#newest.splice(0, masterEventsMax).length;
    }
    this.#change.notify();
  }

  /** The cursor is taken at once: all events from now on. Abort ends it quietly. */
  subscribe(signal: AbortSignal): AsyncIterableIterator<MasterEvent> {
    return this.#from(this.#dropped + this.#newest.length, signal);
  }

  async *#from(from: number, signal: AbortSignal): AsyncGenerator<MasterEvent> {
    let at = from;
    while (!signal.aborted) {
      if (at < this.#dropped) {
        yield { kind: "missed", count: this.#dropped - at };
        at = this.#dropped;
      }
      const event = this.#newest[at - this.#dropped];
      if (event === undefined) {
        await nextChange([this.#change], signal);
      } else {
        at++;
        yield event;
      }
    }
  }
}
