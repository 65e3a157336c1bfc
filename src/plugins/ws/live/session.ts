// A socket that speaks tasklog.v1: any number of tasks at once, each a cursor of its own, and requests to look at more
// of them or at fewer. Requests are done one after the other in the order they came.
import { TasklogError } from "../../../core/errors.ts";
import { socketRequestsMax, socketTasksMax } from "../../../core/limits.ts";
import type { PluginHost } from "../../../core/master/plugin.ts";
import { errorFrame, itemFrame, linesFrame } from "./frames.ts";
import { type LogRequest, quoted, toLogRequest } from "./log-request.ts";
import type { LogStreams } from "./log-streams.ts";
import type { ViewerSocket } from "./viewer-socket.ts";

interface Look {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export class Session {
  readonly #tasks: PluginHost["tasks"];
  readonly #stream: LogStreams;
  readonly #socket: ViewerSocket;
  /** By the task's id. */
  readonly #looks = new Map<string, Look>();
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** The viewer has asked for something in a frame, so it may ask for more. */
  #asks = false;

  constructor(host: Pick<PluginHost, "tasks">, stream: LogStreams, socket: ViewerSocket) {
    this.#tasks = host.tasks;
    this.#stream = stream;
    this.#socket = socket;
  }

  /** Begins with what the address of the socket says. */
  begin(tasks: readonly string[], request: LogRequest): void {
    for (const task of tasks)
      this.#inTurn(
        () => task,
        () => this.#subscribe(task, request),
      );
  }

  /** A frame of the viewer. */
  take(text: string): void {
    this.#asks = true;
    if (this.#waiting >= socketRequestsMax) {
      this.#socket.close(1008, `more than ${socketRequestsMax} requests at once`);
      return;
    }
    let task: string | undefined;
    this.#inTurn(
      () => task,
      () => {
        const fields = toFields(text);
        if (typeof fields["task"] === "string") task = fields["task"];
        return this.#request(fields);
      },
    );
  }

  #inTurn(taskOf: () => string | undefined, work: () => Promise<void>): void {
    this.#waiting++;
    this.#last = this.#last
      .then(() => (this.#socket.signal.aborted ? undefined : work()))
      .catch((error: unknown) => TasklogError.from(error))
      .then((failure) => {
        this.#waiting--;
        return failure && this.#leave(taskOf(), failure);
      });
  }

  /** A task is over, or cannot be shown. A socket that has asked for nothing more ends with its last one. */
  async #leave(task: string | undefined, failure: TasklogError | undefined): Promise<void> {
    const socket = this.#socket;
    if (failure !== undefined) await socket.send(errorFrame(task, failure));
    if (this.#asks || this.#looks.size > 0 || this.#waiting > 0) return;
    if (failure === undefined) socket.close(1000, "all is told");
    else socket.fail(failure);
  }

  async #request(fields: Record<string, unknown>): Promise<void> {
    const { type, task } = fields;
    if (type !== "subscribe" && type !== "unsubscribe") {
      throw new TasklogError(
        "invalid",
        `a frame's type is subscribe or unsubscribe here, not ${quoted(JSON.stringify(type) ?? "missing")}`,
      );
    }
    if (typeof task !== "string" || task === "") {
      throw new TasklogError("invalid", `${type} names no task`);
    }
    if (type === "subscribe")
      await this.#subscribe(
        task,
        toLogRequest((name) => toText(fields[name])),
      );
    else await this.#end((await this.#tasks.get(task)).id);
  }

  async #subscribe(ref: string, request: LogRequest): Promise<void> {
    const { id } = await this.#tasks.get(ref);
    // Asked for again, it begins anew: nothing of the former comes after the new start.
    await this.#end(id);
    if (this.#looks.size >= socketTasksMax) {
      throw new TasklogError("exhausted", `one socket shows ${socketTasksMax} tasks at most; open another`);
    }
    const stop = new AbortController();
    this.#looks.set(id, { stop, done: this.#look(id, request, stop.signal) });
  }

  async #end(id: string): Promise<void> {
    const look = this.#looks.get(id);
    if (look === undefined) return;
    look.stop.abort();
    await look.done;
    this.#looks.delete(id);
  }

  async #look(id: string, { options, filter }: LogRequest, stop: AbortSignal): Promise<void> {
    const socket = this.#socket;
    const signal = AbortSignal.any([stop, socket.signal]);
    const failure = await this.#stream(
      signal,
      id,
      ({ item }) => {
        if (signal.aborted) return undefined;
        if (item.kind === "partial" && filter?.takesStream(item.stream) === false) return undefined;
        const frame = item.kind === "batch" ? linesFrame(id, item.batch, filter) : itemFrame(id, item);
        return frame && socket.send(frame);
      },
      options,
    );
    if (signal.aborted) return;
    this.#looks.delete(id);
    await this.#leave(id, failure);
  }
}

function toFields(text: string): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    // Told below.
  }
  if (typeof fields === "object" && fields !== null && !Array.isArray(fields)) {
    return fields as Record<string, unknown>;
  }
  throw new TasklogError("invalid", `a frame must be a JSON object, not ${quoted(text)}`);
}

/** A field of a frame as the query of an address would have it. */
function toText(value: unknown): string | undefined {
  return value === undefined || value === null || value === false ? undefined : String(value);
}
