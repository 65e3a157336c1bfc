// One TCP port for clients and workers. The first bytes of a connection say what it is: the HTTP/2 preface is a
// client and goes to the gRPC server, the hello line is a worker that dialled and goes to `onWorker`. Anything else
// gets one line of text and is closed, and silence is closed too. Nothing is understood here beyond the first bytes.

import { createServer, type Server, type Socket } from "node:net";
import { joinBytes } from "../../base/bytes.ts";
import { boundConnections } from "../../base/connection-bound.ts";
import { TasklogError } from "../../base/errors.ts";
import { helloTimeoutMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { startTimer, type Timer } from "../../base/wait.ts";
import type { GrpcServer } from "../grpc-server.ts";
import { type Address, formatAddress } from "./addresses.ts";
import { FloodPauses } from "./flood-pauses.ts";

/** The first bytes of a worker that connects, and all it sends until the master has spoken. */
export const workerHello = Buffer.from("TASKLOG-WORKER/1\n");
/** The first bytes of every HTTP/2 client (RFC 9113, 3.4). */
export const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const refusalFrames =
  "this port is for tasklog's gRPC; the page and the HTTP API are on the master's --http address\n";

export interface ListenerOptions {
  /** Port 0: any free one. */
  readonly address: Address;
  readonly server: GrpcServer;
  readonly logger: Logger;
  /** Gets the socket with the hello taken off and nothing else read. Without it, workers are refused. */
  readonly onWorker?: ((socket: Socket) => void) | undefined;
  /** The name of the listener in messages: "--grpc". */
  readonly what?: string;
}

export interface Listener extends AsyncDisposable {
  /** The address with the port that was bound. */
  readonly address: Address;
  /** Accepts no more. What was handed on is the gRPC server's and the worker client's to close. */
  close(): Promise<void>;
}

/** @throws TasklogError "busy" (port taken), "not_permitted" or "usage" (no address of this host). */
export async function startListener(options: ListenerOptions): Promise<Listener> {
  const unknown = new Set<Socket>();
  const pauses = new FloodPauses();
  const listening = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    // Who says nothing gives way: a command says what it is at once, and gets through however many are silent.
    if (unknown.size >= silentMax) giveUpOldest(unknown);
    unknown.add(socket);
    const from = socket.remoteAddress ?? "";
    const waitMs = pauses.wait(from);
    let timer: Timer | undefined;
    const settle = () => {
      timer?.stop();
      unknown.delete(socket);
    };
    socket.once("close", settle);
    if (waitMs === undefined) socket.destroy();
    else if (waitMs === 0) look();
    else timer = startTimer(look, waitMs);

    function look(): void {
      timer = startTimer(() => socket.destroy(), helloTimeoutMs);
      takeFirstBytes(socket, [http2Preface, workerHello], (first, magic) => {
        if (magic === http2Preface) {
          settle();
          socket.unshift(first);
          options.server.inject(socket, () => {
            pauses.blame(from);
            options.logger.debug(`closed a connection from ${from} that floods`);
          });
        } else if (magic === workerHello && first.length === magic.length && options.onWorker !== undefined) {
          settle();
          options.onWorker(socket);
        } else {
          options.logger.debug(`closed a connection from ${socket.remoteAddress} that speaks no gRPC`);
          refuse(socket, first);
        }
      });
    }
  });
  const { what = "the address" } = options;
  const silentMax = Math.ceil(boundConnections(listening, "--grpc", options.logger, what) / 2);
  const address = await listen(listening, options);
  const close = async () => {
    if (listening.listening) listening.close();
    for (const socket of unknown) socket.destroy();
  };
  return { address, close, [Symbol.asyncDispose]: close };
}

function giveUpOldest(sockets: Set<Socket>): void {
  for (const socket of sockets) {
    sockets.delete(socket);
    socket.destroy();
    return;
  }
}

/**
 * Calls `onFirst` once, with all that has come in as soon as it is clear which of `magics` it begins with, or that
 * it is none (undefined). Afterwards the socket has no reader; what was read may be unshifted, at once and without
 * a pause in between (under Bun 1.4.5 a paused socket would give it out twice or never).
 */
export function takeFirstBytes(
  socket: Socket,
  magics: readonly Buffer[],
  onFirst: (first: Buffer, magic: Buffer | undefined) => void,
): void {
  let first: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    first = joinBytes(first, chunk);
    const alike = magics.filter((magic) => {
      const length = Math.min(magic.length, first.length);
      return first.subarray(0, length).equals(magic.subarray(0, length));
    });
    const magic = alike.find((candidate) => first.length >= candidate.length);
    if (alike.length > 0 && magic === undefined) return;
    socket.removeListener("data", onData);
    onFirst(first, magic);
  };
  socket.on("data", onData);
}

/** Answers one line of text as HTTP to a client that speaks HTTP/1. The hello timer closes a peer that stays. */
function refuse(socket: Socket, first: Buffer): void {
  const isHttp1 = /^[A-Z]{3,7} /.test(first.toString("latin1", 0, 8));
  const head = `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${refusalFrames.length}\r\n\r\n`;
  socket.resume();
  socket.end(isHttp1 ? head + refusalFrames : `tasklog: ${refusalFrames}`);
}

function listen(server: Server, { address, what = "the address" }: ListenerOptions): Promise<Address> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(listenError(error, `${what} ${formatAddress(address)}`));
    });
    server.listen(address.port, address.host, () => {
      const bound = server.address();
      const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
      resolve({ host: address.host, port });
    });
  });
}

function listenError(error: NodeJS.ErrnoException, where: string): TasklogError {
  switch (error.code) {
    case "EADDRINUSE":
      return new TasklogError("busy", `${where} is taken by another program; stop it or choose another port`);
    case "EACCES":
      return new TasklogError("not_permitted", `${where} needs more rights; choose a port above 1023`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new TasklogError("usage", `${where} is no address of this host`);
    default:
      return new TasklogError("internal", `cannot listen on ${where}: ${error.message}`, { cause: error });
  }
}
