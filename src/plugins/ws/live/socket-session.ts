// A socket that speaks tasklog.v1: any number of tasks at once, each a cursor of its own, and requests to look at more
// of them or at fewer. Requests are done one after the other in the order they came.
import { TasklogError } from "../../../core/base/errors.ts";
import { socketRequestsMax, socketTasksMax } from "../../../core/base/limits.ts";
import { isFinal } from "../../../core/log/log-item.ts";
import type { PluginHost } from "../../../core/plugin-api.ts";
import { parseJson } from "../http/json-text.ts";
import { errorFrame } from "./frames.ts";
import type { LiveEnds } from "./live-end.ts";
import { type LogRequest, quoted, toLogRequest } from "./log-request.ts";
import type { LogStreams } from "./log-streams.ts";
import { Look, type LookOwner } from "./look.ts";
import type { ViewerSession, ViewerSocket } from "./viewer-socket.ts";

export interface SessionParts {
  readonly tasks: PluginHost["tasks"];
  readonly stream: LogStreams;
  readonly ends: LiveEnds;
}

export class SocketSession implements ViewerSession, LookOwner {
  readonly stream: LogStreams;
  readonly ends: LiveEnds;
  readonly socket: ViewerSocket;
  readonly #tasks: PluginHost["tasks"];
  readonly #looks: Look[] = [];
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** The viewer has asked for something in a frame, so it may ask for more. */
  #asks = false;

  constructor({ tasks, stream, ends }: SessionParts, socket: ViewerSocket) {
    this.#tasks = tasks;
    this.stream = stream;
    this.ends = ends;
    this.socket = socket;
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
      this.socket.close(1008, `more than ${socketRequestsMax} requests at once`);
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
      .then(() => (this.socket.hasEnded ? undefined : work()))
      .catch((error: unknown) => TasklogError.from(error))
      .then((failure) => {
        this.#waiting--;
        return failure && this.#leave(taskOf(), failure);
      });
  }

  /** A task is over, or cannot be shown. A socket that has asked for nothing more ends with its last one. */
  async #leave(task: string | undefined, failure: TasklogError | undefined): Promise<void> {
    const socket = this.socket;
    if (failure !== undefined) await socket.send(errorFrame(task, failure));
    if (this.#asks || this.#looks.length > 0 || this.#waiting > 0) return;
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
    else await this.#stop((await this.#tasks.get(task)).id);
  }

  async #subscribe(ref: string, request: LogRequest): Promise<void> {
    const { id, status } = await this.#tasks.get(ref);
    // Asked for again, it begins anew: nothing of the former comes after the new start.
    await this.#stop(id);
    if (this.socket.hasEnded) return;
    if (this.#looks.length >= socketTasksMax) {
      throw new TasklogError("exhausted", `one socket shows ${socketTasksMax} tasks at most; open another`);
    }
    this.#looks.push(new Look(this, id, request, isFinal(status)));
  }

  async #stop(id: string): Promise<void> {
    const look = this.#looks.find(({ taskId }) => taskId === id);
    if (look === undefined) return;
    this.#looks.splice(this.#looks.indexOf(look), 1);
    await look.stop();
  }

  lookEnded(look: Look, failure: TasklogError | undefined): void {
    this.#looks.splice(this.#looks.indexOf(look), 1);
    void this.#leave(look.taskId, failure);
  }

  end(): void {
    for (const look of this.#looks.splice(0)) void look.stop();
  }
}

function toFields(text: string): Record<string, unknown> {
  let fields: unknown;
  try {
    fields = parseJson(text, "a frame");
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
  if (value === undefined || value === null || value === false) return undefined;
  if (typeof value === "object") {
    throw new TasklogError("invalid", "the fields of a frame are texts, numbers and true or false");
  }
  return String(value);
}
