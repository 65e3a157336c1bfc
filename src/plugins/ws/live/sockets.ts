// Takes upgrades at /logs/<task>, negotiates the sub-protocol, and keeps all sockets until they end: one timer asks all
// of them for a sign of life.
//
// Under Bun `ws` is the runtime's own implementation of that package; compression is off in it and here.
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { TasklogError } from "../../../core/errors.ts";
import { socketMessageBytesMax, socketsMax } from "../../../core/limits.ts";
import type { PluginHost } from "../../../core/master/plugin.ts";
import { toLogRequest } from "./log-request.ts";
import { createLogStreams, type LogStreams } from "./log-streams.ts";
import { runPlainSession } from "./plain-session.ts";
import { Session } from "./session.ts";
import { ViewerSocket } from "./viewer-socket.ts";

export const PROTOCOL = "tasklog.v1";

export class Sockets implements AsyncDisposable {
  readonly #host: Pick<PluginHost, "tasks">;
  readonly #stream: LogStreams;
  readonly #open = new Set<ViewerSocket>();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: socketMessageBytesMax,
    handleProtocols: () => PROTOCOL,
  });
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(host: Pick<PluginHost, "tasks" | "streamTaskLogsUnified">, pingMs: number) {
    this.#host = host;
    this.#stream = createLogStreams(host);
    this.#timer = setInterval(() => {
      for (const socket of this.#open) socket.beat();
    }, pingMs);
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws TasklogError, before anything was answered: the host tells it by its HTTP status. */
  async upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    tasks: readonly string[],
    query: URLSearchParams,
  ): Promise<void> {
    if (this.#open.size >= socketsMax) {
      throw new TasklogError("exhausted", `${socketsMax} viewers look already; this is as many as are taken`);
    }
    const isPlain = requirePlainOrKnown(request);
    const wanted = toLogRequest((name) => query.get(name) ?? undefined);
    if (!isPlain) {
      this.#accept(request, socket, head, (viewer) => {
        const session = new Session(this.#host, this.#stream, viewer);
        session.begin(tasks, wanted);
        return (text) => session.take(text);
      });
      return;
    }
    if (tasks.length > 1) {
      throw new TasklogError("invalid", `several tasks in one socket need the sub-protocol ${PROTOCOL}`);
    }
    const { id } = await this.#host.tasks.get(tasks[0] ?? "");
    this.#accept(request, socket, head, (viewer) => {
      void runPlainSession(this.#stream, viewer, id, wanted);
      return () => {};
    });
  }

  #accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    begin: (viewer: ViewerSocket) => (text: string) => void,
  ): void {
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      let take: (text: string) => void = () => {};
      const viewer = new ViewerSocket(accepted, (text) => take(text));
      this.#open.add(viewer);
      viewer.signal.addEventListener("abort", () => this.#open.delete(viewer), { once: true });
      take = begin(viewer);
    });
  }

  /** Tells all viewers that the master goes away, and cuts those that do not answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const open = [...this.#open];
    for (const viewer of open) viewer.close(1001, "the master ends; come again");
    await Promise.race([Promise.all(open.map(ended)), Bun.sleep(500)]);
    for (const viewer of this.#open) viewer.terminate();
    this.#server.close();
  }
}

/** True: no sub-protocol is asked for. @throws TasklogError when all that are asked for are unknown. */
function requirePlainOrKnown({ headers }: IncomingMessage): boolean {
  const asked = headers["sec-websocket-protocol"];
  if (asked === undefined) return true;
  if (asked.split(",").some((name) => name.trim() === PROTOCOL)) return false;
  throw new TasklogError(
    "invalid",
    `the sub-protocol ${JSON.stringify(asked)} is not spoken here; ask for ${PROTOCOL}, or for none`,
  );
}

function ended({ signal }: ViewerSocket): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
