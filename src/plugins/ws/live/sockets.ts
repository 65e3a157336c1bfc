// Takes upgrades at /logs/<task>, negotiates the sub-protocol, and keeps all sockets until they end: one timer asks all
// of them for a sign of life.
//
// Under Bun `ws` is the runtime's own implementation of that package; compression is off in it and here.

import { edenGC } from "bun:jsc";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { Change, nextChange } from "../../../core/base/change.ts";
import { TasklogError } from "../../../core/base/errors.ts";
import { socketMessageBytesMax, socketsMax } from "../../../core/base/limits.ts";
import { startInterval, type Timer, timeoutSignal } from "../../../core/base/wait.ts";
import type { PluginHost } from "../../../core/plugin-api.ts";
import { LiveEnds } from "./live-end.ts";
import { toLogRequest } from "./log-request.ts";
import { createLogStreams } from "./log-streams.ts";
import { startPlainSession } from "./plain-session.ts";
import { type SessionParts, SocketSession } from "./socket-session.ts";
import { ViewerSocket } from "./viewer-socket.ts";

const socketProtocol = "tasklog.v1";

/** The time viewers have to answer the closing message, in ms. */
const farewellMs = 500;

/**
 * After so many new viewers the garbage of their coming is collected, in some ms. Left to itself the runtime collects
 * when its heap has grown by a share of its size; what stays of the viewers then lies between what was garbage, and
 * of ten thousand each costs 12 KB instead of 7.
 */
const collectEveryViewers = 250;

export class Sockets implements AsyncDisposable {
  readonly #parts: SessionParts;
  readonly #open = new Set<ViewerSocket>();
  /** The number of new viewers since the last collection. */
  #newcomers = 0;
  /** A socket has ended. */
  readonly #ended = new Change();
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: socketMessageBytesMax,
    handleProtocols: () => socketProtocol,
  });
  readonly #timer: Timer;

  constructor(host: Pick<PluginHost, "tasks" | "streamTaskLogsUnified">, pingMs: number) {
    const stream = createLogStreams(host);
    this.#parts = { tasks: host.tasks, stream, ends: new LiveEnds(stream) };
    this.#timer = startInterval(() => {
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
    if (isPlain && tasks.length > 1) {
      throw new TasklogError(
        "invalid",
        `several tasks in one socket need the sub-protocol ${socketProtocol}`,
      );
    }
    // In tasklog.v1 an unknown task is told by a frame: a browser does not see the status of a refusal.
    const id = isPlain ? (await this.#parts.tasks.get(tasks[0] ?? "")).id : undefined;
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      const viewer = new ViewerSocket(accepted, this.#forget);
      this.#open.add(viewer);
      if (id === undefined) {
        const session = new SocketSession(this.#parts, viewer);
        viewer.session = session;
        session.begin(tasks, wanted);
      } else {
        viewer.session = startPlainSession(this.#parts.stream, viewer, id, wanted);
      }
      this.#tidy();
    });
  }

  #tidy(): void {
    if (++this.#newcomers < collectEveryViewers) return;
    this.#newcomers = 0;
    edenGC();
  }

  readonly #forget = (viewer: ViewerSocket): void => {
    this.#open.delete(viewer);
    this.#ended.notify();
  };

  /** Tells all viewers that the master goes away, and cuts those that do not answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.stop();
    for (const viewer of this.#open) viewer.close(1001, "the master ends; come again");
    const late = timeoutSignal(farewellMs);
    while (this.#open.size > 0 && !late.aborted) await nextChange([this.#ended], late);
    for (const viewer of this.#open) viewer.terminate();
    this.#server.close();
  }
}

/** True: no sub-protocol is asked for. @throws TasklogError when all that are asked for are unknown. */
function requirePlainOrKnown({ headers }: IncomingMessage): boolean {
  const asked = headers["sec-websocket-protocol"];
  if (asked === undefined) return true;
  if (asked.split(",").some((name) => name.trim() === socketProtocol)) return false;
  throw new TasklogError(
    "invalid",
    `the sub-protocol ${JSON.stringify(asked)} is not spoken here; ask for ${socketProtocol}, or for none`,
  );
}
