// From what happens to tasks to calls in the book, each made once, whatever is killed in between.
//
// Two things are kept for that. `seen` is the newest task that was looked at: after a start, tasks newer than it were
// submitted while nobody watched. A mark `open:<task>` stands for a task whose calls are not all made; it is removed
// after they are in the book, and a call is sent only from there. A call that is made twice has the same id, so that
// the book and the receiver know it again.
import { type HostMoment, hostMoment, msUntil } from "../../core/base/clock.ts";
import { TasklogError } from "../../core/base/errors.ts";
import { isFinal } from "../../core/log/log-item.ts";
import type { PluginHost, Task } from "../../core/plugin-api.ts";

/** Tasks whose log's end is being read at once. */
const workingMax = 16;
/** A task whose worker went away may end after all: its mark stays this long, in ms. */
const lostKeptMs = 7 * 24 * 60 * 60_000;
const seenKey = "seen";
const openKeyPrefix = "open:";
/** The tasks of one page of a list that is read to its end. */
const pageTasks = 500;
/** The value of `seen` while there are no tasks at all. */
const nothingOpen = "none";

/** The record of what was sent for an open task. */
interface Mark {
  readonly started?: boolean;
  /** It was told as lost at that time: in ms of the Unix epoch, and by a clock that nobody sets. */
  readonly lostMs?: number;
  readonly lostAt?: HostMoment;
}

export interface TaskWatchParts {
  readonly host: Pick<PluginHost, "tasks" | "keyValue" | "events" | "logger" | "signal">;
  /** True if anybody wants to hear of this task. */
  readonly isWanted: (task: Task) => boolean;
  /** Puts the calls of this event into the book. */
  readonly tell: (event: "started" | "completed", task: Task) => Promise<void>;
}

export class TaskWatch {
  readonly #parts: TaskWatchParts;
  readonly #marks = new Map<string, Mark>();
  /** The work for each task: one thing after the other. */
  readonly #working = new Map<string, Promise<void>>();

  constructor(parts: TaskWatchParts) {
    this.#parts = parts;
  }

  /** Makes up for what was missed, then follows the events until the plugin ends. Resolves when it follows. */
  async start(): Promise<{ readonly done: Promise<void> }> {
    const { host } = this.#parts;
    const events = host.events();
    for (const { key, value } of await host.keyValue.list(openKeyPrefix)) {
      this.#marks.set(key.slice(openKeyPrefix.length), JSON.parse(value));
    }
    await this.#catchUp();
    const follow = async () => {
      for await (const event of events) {
        if (event.kind === "missed") await this.#catchUp();
        else if (event.kind === "task_created") await this.#see(event.task);
        else if ("task" in event) await this.#on(event.task);
      }
      await Promise.all(this.#working.values());
    };
    return { done: follow() };
  }

  async #catchUp(): Promise<void> {
    const { host } = this.#parts;
    const newer = await this.#newerThanSeen();
    for (const task of await this.#unfinished()) await this.#open(task);
    for (const task of newer) await this.#see(task);
    for (const id of [...this.#marks.keys()]) {
      const task = await find(host.tasks, id);
      if (task === undefined) await this.#unmark(id);
      else await this.#on(task);
    }
  }

  /** Those that were submitted before the plugin was first loaded are told of as well. */
  #unfinished(): Promise<Task[]> {
    return this.#parts.host.tasks.list({ status: ["pending", "starting", "running"] });
  }

  /** Oldest first; none at the very first start. */
  async #newerThanSeen(): Promise<Task[]> {
    const { tasks, keyValue } = this.#parts.host;
    const seen = await keyValue.get(seenKey);
    if (seen === undefined || (seen !== nothingOpen && (await find(tasks, seen)) === undefined)) {
      const [newest] = await tasks.list({ limit: 1 });
      await keyValue.set(seenKey, newest?.id ?? nothingOpen);
      return [];
    }
    for (let limit = pageTasks; ; limit *= 4) {
      const all = await tasks.list({ limit });
      const at = all.findIndex(({ id }) => id === seen);
      if (at >= 0) return all.slice(0, at).reverse();
      if (all.length < limit) return seen === nothingOpen ? all.reverse() : [];
    }
  }

  /** Takes note of a new task, so that it is told of even if the master is killed before it ends. */
  async #see(task: Task): Promise<void> {
    await this.#open(task);
    await this.#parts.host.keyValue.set(seenKey, task.id);
  }

  async #open(task: Task): Promise<void> {
    if (this.#parts.isWanted(task) && !this.#marks.has(task.id)) await this.#mark(task.id, {});
  }

  /** Has told what there is to tell of the task. Waits when there is much to do. */
  async #on(task: Task): Promise<void> {
    const { host } = this.#parts;
    if (task.status === "running" || isFinal(task.status)) {
      while (this.#working.size >= workingMax && !this.#working.has(task.id)) {
        await Promise.race(this.#working.values());
      }
      const before = this.#working.get(task.id) ?? Promise.resolve();
      const work = before
        .then(() => this.#tell(task))
        .catch((error) => {
          if (!host.signal.aborted) host.logger.error(`no call for ${task.id}: ${String(error)}`);
        })
        .finally(() => {
          if (this.#working.get(task.id) === work) this.#working.delete(task.id);
        });
      this.#working.set(task.id, work);
    }
  }

  async #tell(task: Task): Promise<void> {
    const { tell } = this.#parts;
    const mark = this.#marks.get(task.id);
    if (mark === undefined) return; // all is told
    if (!mark.started && task.startedMs > 0) {
      await tell("started", task);
      await this.#mark(task.id, { ...mark, started: true });
    }
    if (task.status === "running") return;
    if (task.status !== "lost") {
      await tell("completed", task);
      await this.#unmark(task.id);
    } else if (mark.lostMs === undefined) {
      await tell("completed", task);
      await this.#mark(task.id, { ...mark, started: true, lostMs: Date.now(), lostAt: hostMoment() });
    } else if (msUntil(mark.lostAt, mark.lostMs) < -lostKeptMs) {
      await this.#unmark(task.id);
    }
  }

  async #mark(id: string, mark: Mark): Promise<void> {
    await this.#parts.host.keyValue.set(openKeyPrefix + id, JSON.stringify(mark));
    this.#marks.set(id, mark);
  }

  async #unmark(id: string): Promise<void> {
    await this.#parts.host.keyValue.delete(openKeyPrefix + id);
    this.#marks.delete(id);
  }
}

/** Undefined: there is no such task, or not any more. */
async function find(tasks: PluginHost["tasks"], id: string): Promise<Task | undefined> {
  try {
    return await tasks.get(id);
  } catch (error) {
    if (TasklogError.from(error).code === "not_found") return undefined;
    throw error;
  }
}
