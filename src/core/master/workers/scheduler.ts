// Gives pending tasks to workers, in the order of their submission: to the one that carries least of those that have
// a free slot and meet the constraints. A task that nobody can take does not hold up others, and says why it waits.

import { TasklogError } from "../../base/errors.ts";
import { storeRetryMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { startTimer, type Timer } from "../../base/wait.ts";
import type { TaskSpec, WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";
import type { StoredTask } from "../store/master-store.ts";
import { takesSlot } from "../tasks/adopted-tasks.ts";
import { meets, parseConstraint } from "../tasks/constraints.ts";
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

  async #placeAll(): Promise<void> {
    const candidates = this.#candidates();
    // Slots only get fewer in one pass: what one task could not have, the next of the same wishes cannot either.
    const refused = new Map<string, string>();
    for (const task of [...this.#book.unfinished()]) {
      if (task.status !== "pending" || this.#closed) continue;
      const wishes = wishesOf(task.spec);
      const found = refused.get(wishes) ?? choose(task.spec, candidates);
      if (typeof found === "string") {
        refused.set(wishes, found);
        this.#book.explain(task.id, found);
      } else if (await this.#place(task, found)) {
        found.load++;
      }
    }
  }

  async #place({ id }: StoredTask, { info }: Candidate): Promise<boolean> {
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
    for (const task of this.#book.unfinished()) {
      if (takesSlot(task)) loads.set(task.workerId, (loads.get(task.workerId) ?? 0) + 1);
    }
    return [...this.#workers.connected()].map(({ info }) => ({ info, load: loads.get(info.id) ?? 0 }));
  }
}

/** Made once for each specification: with thousands that wait, each pass asks for it again. */
const wishes = new WeakMap<TaskSpec, string>();

/** Tasks with the same wishes can be placed at the same workers. */
function wishesOf(spec: TaskSpec): string {
  const known = wishes.get(spec);
  if (known !== undefined) return known;
  const made = JSON.stringify([spec.runtime, spec.image === "", spec.constraints]);
  wishes.set(spec, made);
  return made;
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
