// What the pages get of the master's events, made once for all of them: pages that connect at the same time share one
// snapshot, and an event becomes text once. They are served one after another, with turns of the event loop between.
import { httpTasksMax } from "../../../core/base/limits.ts";
import { nextTurn, pause } from "../../../core/base/wait.ts";
import { type MasterEvent, type PluginHost, toTaskJson, toWorkerJson } from "../../../core/plugin-api.ts";
import type { Snapshot } from "../api/answers.ts";
import { toEvent } from "../http/event-stream.ts";

/** Pages that ask for a snapshot within this time, in ms, get the same one; so many get theirs in one turn of the event loop. */
const snapshotWaitMs = 20;
const eventsServedPerTurn = 4;

type Host = Pick<PluginHost, "tasks" | "workers" | "signal">;

export class EventFeed {
  readonly #host: Host;
  readonly #texts = new WeakMap<MasterEvent, Buffer>();
  #making: Promise<Buffer> | undefined;
  #served = 0;
  #turn: Promise<void> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * The snapshot as an event. It is read after this call, so that whoever took a cursor before it misses nothing; calls
   * that come until it is read get the same one.
   */
  async snapshot(): Promise<Buffer> {
    this.#making ??= this.#make();
    const text = await this.#making;
    await this.#ownTurn();
    return text;
  }

  /** The text of an event that is not "missed". */
  text(event: Exclude<MasterEvent, { kind: "missed" }>): Buffer {
    const known = this.#texts.get(event);
    if (known !== undefined) return known;
    const made = Buffer.from(
      "task" in event
        ? toEvent("task", toTaskJson(event.task))
        : toEvent("worker", toWorkerJson(event.worker)),
    );
    this.#texts.set(event, made);
    return made;
  }

  async #make(): Promise<Buffer> {
    await pause(snapshotWaitMs, this.#host.signal);
    this.#making = undefined; // who comes from here on may have seen too little
    const { tasks, workers } = this.#host;
    const [newest, running, known] = await Promise.all([
      tasks.list({ limit: httpTasksMax }),
      tasks.list({ status: ["starting", "running"], limit: httpTasksMax }),
      workers.list(),
    ]);
    const shown = new Map([...newest, ...running].map((task) => [task.id, toTaskJson(task)]));
    const all: Snapshot = { tasks: [...shown.values()], workers: known.map(toWorkerJson) };
    return Buffer.from(toEvent("snapshot", all));
  }

  /** Lets a few go on in each turn of the event loop: a snapshot is a large write. */
  async #ownTurn(): Promise<void> {
    while (this.#served >= eventsServedPerTurn) {
      this.#turn ??= nextTurn().then(() => {
        this.#turn = undefined;
        this.#served = 0;
      });
      await this.#turn;
    }
    this.#served++;
  }
}
