// The calls that are not delivered, in the master's database: what is written here survives a kill. A call is two
// values, its facts and its body; the facts of all are in memory, a body is read when it is sent.
import { type HostMoment, hostMoment } from "../../core/base/clock.ts";
import type { PluginHost } from "../../core/plugin-api.ts";

/** Calls that are kept, undelivered or given up; beyond it the oldest given up goes, or a new one is not taken. */
const webhookKeptMax = 10_000;

export interface Call {
  /** The `webhook-id`: the same for every attempt. */
  readonly id: string;
  readonly url: string;
  /** The type of CloudEvents: `dev.tasklog.task.completed`. */
  readonly type: string;
  readonly taskId: string;
  readonly createdMs: number;
  readonly attempts: number;
  /** The time of the next attempt in ms of the Unix epoch; 0 if it was given up. */
  readonly nextMs: number;
  /** The same moment by a clock that nobody sets. */
  readonly nextAt?: HostMoment | undefined;
  /** The last attempt: its time, the HTTP status (0: there was no answer), and what was wrong in one sentence. */
  readonly lastMs: number;
  readonly lastStatus: number;
  readonly lastError: string;
}

/** Computes the next attempt of a call that is due in `ms` from now; undefined means never again. */
export function dueIn(ms: number | undefined): Pick<Call, "nextMs" | "nextAt"> {
  if (ms === undefined) return { nextMs: 0, nextAt: undefined };
  return { nextMs: Date.now() + ms, nextAt: hostMoment(ms) };
}

const callKeyPrefix = "call:";
const bodyKeyPrefix = "body:";
const goneKeyPrefix = "gone:";

export class CallBook {
  readonly #values: PluginHost["keyValue"];
  readonly #calls = new Map<string, Call>();
  /** URLs that have answered 410: they asked not to be called any more. */
  readonly #gone = new Set<string>();
  /** Called when there may be something to send. */
  onChange: () => void = () => {};

  private constructor(values: PluginHost["keyValue"]) {
    this.#values = values;
  }

  static async load(values: PluginHost["keyValue"]): Promise<CallBook> {
    const book = new CallBook(values);
    for (const { key, value } of await values.list(callKeyPrefix)) {
      const call: Call = JSON.parse(value);
      book.#calls.set(key.slice(callKeyPrefix.length), call);
    }
    for (const { key } of await values.list(goneKeyPrefix)) book.#gone.add(key.slice(goneKeyPrefix.length));
    return book;
  }

  /** Iterates the calls in the order in which they were made. */
  calls(): Iterable<Call> {
    return this.#calls.values();
  }

  get gone(): ReadonlySet<string> {
    return this.#gone;
  }

  get(id: string): Call | undefined {
    return this.#calls.get(id);
  }

  /** Adds a call unless it is known already. False: there are too many, the call is not kept. */
  async add(call: Call, body: string): Promise<boolean> {
    if (this.#calls.has(call.id)) return true;
    if (this.#calls.size >= webhookKeptMax && !(await this.#makeRoom())) return false;
    // The body first: facts without a body could not be sent.
    await this.#values.set(bodyKeyPrefix + call.id, body);
    await this.#save(call);
    return true;
  }

  async bodyOf(id: string): Promise<string | undefined> {
    return await this.#values.get(bodyKeyPrefix + id);
  }

  /** Does nothing when the call was removed meanwhile. */
  async update(call: Call): Promise<void> {
    if (this.#calls.has(call.id)) await this.#save(call);
  }

  async remove(id: string): Promise<void> {
    this.#calls.delete(id);
    await this.#values.delete(callKeyPrefix + id);
    await this.#values.delete(bodyKeyPrefix + id);
  }

  async setGone(url: string): Promise<void> {
    this.#gone.add(url);
    await this.#values.set(goneKeyPrefix + url, String(Date.now()));
  }

  async setBack(url: string): Promise<void> {
    if (this.#gone.delete(url)) await this.#values.delete(goneKeyPrefix + url);
  }

  async #save(call: Call): Promise<void> {
    await this.#values.set(callKeyPrefix + call.id, JSON.stringify(call));
    this.#calls.set(call.id, call);
    this.onChange();
  }

  /** The oldest that was given up goes. */
  async #makeRoom(): Promise<boolean> {
    for (const call of this.#calls.values()) {
      if (call.nextMs !== 0) continue;
      await this.remove(call.id);
      return true;
    }
    return false;
  }
}
