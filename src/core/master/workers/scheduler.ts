// Gives pending tasks to workers, in the order of their submission: to the one that carries least of those that have
// a free slot and meet the constraints. A task that nobody can take does not hold up others, and says why it waits.

import { TasklogError } from "../../base/errors.ts";
import { storeRetryMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { startTimer, type Timer } from "../../base/wait.ts";
import type { TaskSpec, WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";
import { takesSlot } from "../tasks/adopted-tasks.ts";
import { meets, parseConstraint } from "../tasks/constraints.ts";
import { type PendingGroup, takeUntold } from "../tasks/pending-queue.ts";
import type { TaskBook } from "../tasks/task-book.ts";
import type { Workers } from "./workers.ts";

/** A worker and how many tasks it has. */
interface Candidate {
  readonly info: WorkerInfo;
  load: number;
}

export class Scheduler {
  readonly #book: TaskBook;
  readonly #workers: Workers;
  readonly #logger: Logger;
  readonly #unlisten: Array<() => void>;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;
  /** The timer until the next try to store a placement. */
  #later: Timer | undefined;

  constructor(book: TaskBook, workers: Workers, logger: Logger) {
    this.#book = book;
    this.#workers = workers;
    this.#logger = logger;
    this.#unlisten = [book.changed.listen(() => this.#kick()), workers.changed.listen(() => this.#kick())];
    this.#kick();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#later?.stop();
    for (const unlisten of this.#unlisten) unlisten();
    await this.#running;
  }

  #kick(): void {
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** Never throws. */
  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        await this.#placeAll();
      } catch (error) {
        this.#logger.error(`scheduling: ${TasklogError.from(error).message}`);
      }
    }
    // In the same turn as the last look at `#again`, so that no change comes to a loop that has ended.
    this.#running = undefined;
  }

  /** Looks at the oldest task of each group, the oldest of all first, until none can be placed. */
  async #placeAll(): Promise<void> {
    const candidates = this.#candidates();
    const waiting = this.#book.queue.groups().map((group) => new Waiting(group));
    while (!this.#closed) {
      const oldest = waiting.reduce(older, undefined);
      if (oldest?.next === undefined) return;
      const found = choose(oldest.group.spec, candidates);
      if (typeof found === "string") {
        // Slots only get fewer in one pass: what one task could not have, the next of the same wishes cannot either.
        for (const id of takeUntold(oldest.group, found)) this.#book.explain(id, found);
        waiting.splice(waiting.indexOf(oldest), 1);
      } else {
        const { id } = oldest.next;
        oldest.step();
        if (await this.#place(id, found)) found.load++;
      }
    }
  }

  async #place(id: string, { info }: Candidate): Promise<boolean> {
    try {
      return await this.#book.place(id, info);
    } catch (error) {
      this.#book.explain(id, TasklogError.from(error).message);
      this.#later?.stop();
      this.#later = startTimer(() => this.#kick(), storeRetryMs).unref();
      return false;
    }
  }

  #candidates(): Candidate[] {
    const loads = new Map<string, number>();
    for (const task of this.#book.placed()) {
      if (takesSlot(task)) loads.set(task.workerId, (loads.get(task.workerId) ?? 0) + 1);
    }
    return [...this.#workers.connected()].map(({ info }) => ({ info, load: loads.get(info.id) ?? 0 }));
  }
}

/** A group in one pass: those of its tasks that the pass has not tried yet. */
class Waiting {
  readonly group: PendingGroup;
  readonly #ids: Iterator<[string, number]>;
  next: { readonly id: string; readonly place: number } | undefined;

  constructor(group: PendingGroup) {
    this.group = group;
    this.#ids = group.tasks.entries();
    this.step();
  }

  step(): void {
    const { value } = this.#ids.next();
    this.next = value && { id: value[0], place: value[1] };
  }
}

function older(a: Waiting | undefined, b: Waiting): Waiting | undefined {
  if (b.next === undefined) return a;
  return a?.next === undefined || b.next.place < a.next.place ? b : a;
}

/** The worker for a task, or in one sentence why there is none now. */
function choose(spec: TaskSpec, candidates: readonly Candidate[]): Candidate | string {
  if (candidates.length === 0) return "waits for a worker: none is connected";
  const constraints = spec.constraints.map(parseConstraint);
  const meeting = candidates.filter(({ info }) => constraints.every((constraint) => meets(info, constraint)));
  if (meeting.length === 0) return `waits for a worker that meets ${spec.constraints.join(", ")}`;
  const able = meeting.filter(({ info }) => canRun(info, spec));
  if (able.length === 0) return `waits for a worker with the ${neededRuntime(spec)} runtime`;
  const free = able.filter(({ info, load }) => load < info.slots);
  if (free.length === 0) {
    const slots = able.reduce((sum, { info }) => sum + info.slots, 0);
    const who =
      able.length === 1 ? `worker ${able[0]?.info.name} has` : `the ${able.length} workers that fit have`;
    return `waits for a free slot: all ${slots} that ${who} are taken`;
  }
  return free.reduce((best, next) => (isLighter(next, best) ? next : best));
}

/** A task without an image can only be a plain process. */
function neededRuntime(spec: TaskSpec): string {
  return spec.runtime || (spec.image === "" ? "process" : "");
}

function canRun(info: WorkerInfo, spec: TaskSpec): boolean {
  if (spec.runtime !== "") return info.runtimes.includes(spec.runtime);
  return spec.image !== "" ? info.runtimes.length > 0 : info.runtimes[0] === "process";
}

function isLighter(a: Candidate, b: Candidate): boolean {
  const [loadA, loadB] = [a.load / a.info.slots, b.load / b.info.slots];
  if (loadA !== loadB) return loadA < loadB;
  return a.info.name < b.info.name;
}
