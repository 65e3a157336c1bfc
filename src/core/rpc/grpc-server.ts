// A grpc-js server that binds nothing: it is fed with sockets that somebody else accepted or dialled, so that one
// port can serve clients and workers, and a worker can serve down the connection that it made. Its `close` ends
// what tryShutdown would wait for for ever: streams that follow a task.

import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from "@grpc/grpc-js";
import { TasklogError } from "../base/errors.ts";
import { shutdownTimeoutMs } from "../base/limits.ts";
import { atMost, startTimer } from "../base/wait.ts";
import { serverOptions } from "./channel-options.ts";
import { toStatus } from "./service-error.ts";

/** The errors with which Bun 1.4.5 ends a session for flooding: by pings, resets, empty frames, invalid ones. */
const floodCodes: ReadonlySet<string> = new Set(["ERR_HTTP2_ERROR", "ERR_HTTP2_TOO_MANY_INVALID_FRAMES"]);

export class GrpcServer extends Server {
  readonly #streams: Set<ServerInterceptingCallInterface>;
  readonly #injector: ConnectionInjector;
  // With channelz off, grpc-js 1.14's forceShutdown forgets its sessions; so the sockets are ended from here.
  readonly #sockets = new Set<Socket>();
  #injecting: Socket | undefined;
  #onFlood = (): void => {};
  #closing: Promise<void> | undefined;

  constructor() {
    const streams = new Set<ServerInterceptingCallInterface>();
    super({ ...serverOptions, interceptors: [trackStreams(streams)] });
    this.#streams = streams;
    this.#injector = this.createConnectionInjector(ServerCredentials.createInsecure());
    // Private, but the only way to see a session end: see #onSession.
    for (const http2Server of this["http2Servers"].keys()) {
      http2Server.on("session", (session: ServerHttp2Session) => this.#onSession(session));
    }
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get closing(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Serves a connection whose next byte is the first of the HTTP/2 preface. Owns the socket from here on. `onFlood` is
   * called when the runtime ends it for sending too many frames for nothing.
   */
  inject(socket: Socket, onFlood: () => void = () => {}): void {
    if (this.closing) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    this.#injecting = socket;
    this.#onFlood = onFlood;
    this.#injector.injectConnection(socket);
    this.#injecting = undefined;
  }

  /**
   * Under Bun 1.4.5 a session that keep-alive destroys leaves an injected socket open for as long as the peer is
   * stopped or unreachable. Whoever waits for the socket's end has to learn of it, so it is ended from here.
   */
  #onSession(session: ServerHttp2Session): void {
    const socket = this.#injecting;
    if (socket === undefined) return;
    const onFlood = this.#onFlood;
    session.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
      if (floodCodes.has(code)) onFlood();
    });
    session.once("close", () => {
      socket.end();
      const timer = startTimer(() => socket.destroy(), shutdownTimeoutMs);
      socket.once("close", () => timer?.stop());
    });
  }

  /**
   * Ends streams with `unavailable`, lets unary calls finish, says GOAWAY, and after `timeoutMs` cuts what is left.
   * May be called twice. Whoever accepts sockets for it must have stopped.
   */
  close(timeoutMs = shutdownTimeoutMs): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const goodbye = toStatus(new TasklogError("unavailable", "this tasklog is shutting down"));
    for (const stream of this.#streams) stream.sendStatus(goodbye);
    const drained = new Promise<void>((resolve) => this.tryShutdown(() => resolve()));
    const gone = [...this.#sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve)));
    await atMost(timeoutMs, Promise.all([drained, ...gone]));
    this.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A server with tasklog's options; add services to it, then hand it to a listener or a worker link. */
export function createGrpcServer(): GrpcServer {
  return new GrpcServer();
}

function trackStreams(streams: Set<ServerInterceptingCallInterface>): ServerInterceptor {
  return (method, call) => {
    if (!method.responseStream) return new ServerInterceptingCall(call);
    streams.add(call);
    // onCancel comes after every end, not only after a cancel.
    const listener = new ServerListenerBuilder().withOnCancel(() => streams.delete(call)).build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };
}
