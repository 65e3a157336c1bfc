// The worker's end of its connection to a master: dials for ever with back-off and jitter, says hello, and serves
// the worker's gRPC service down the connection it made; or listens, for hosts where only that direction is open.
// It knows nothing of tasks: they run on whether the link is up or down.

import type { Socket } from "node:net";
import { backoffMs } from "../../base/back-off.ts";
import { TasklogError } from "../../base/errors.ts";
import { helloTimeoutMs, reconnectMaxMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { pause, startTimer } from "../../base/wait.ts";
import type { GrpcServer } from "../grpc-server.ts";
import { type Address, formatAddress } from "./addresses.ts";
import { dial } from "./dial.ts";
import { http2Preface, startListener, takeFirstBytes, workerHello } from "./listener.ts";

export interface WorkerLinkOptions {
  /** The master to dial. */
  readonly master?: Address | undefined;
  /** The address to listen on for masters that connect. */
  readonly listen?: Address | undefined;
  readonly server: GrpcServer;
  readonly logger: Logger;
  /** The dialled master has taken the connection. */
  readonly onUp?: (() => void) | undefined;
  /** The dialled master is gone, or was not reached at the first try. Not called again until it was up. */
  readonly onDown?: ((error: TasklogError) => void) | undefined;
}

export interface WorkerLink extends AsyncDisposable {
  /** The address it listens on, if it does. */
  readonly address: Address | undefined;
  /** Stops dialling and listening and closes the server: its streams end, its connections are said goodbye to. */
  close(): Promise<void>;
}

/** Resolves when it listens (if it has to) and dialling has begun. @throws TasklogError as startListener does. */
export async function startWorkerLink(options: WorkerLinkOptions): Promise<WorkerLink> {
  const { listen, master, server, logger } = options;
  const listener =
    listen === undefined
      ? undefined
      : await startListener({ address: listen, server, logger, what: "--listen" });
  const stop = new AbortController();
  const dialling = master === undefined ? undefined : keepDialling(master, options, stop.signal);
  const close = async () => {
    stop.abort();
    await Promise.all([listener?.close(), server.close(), dialling]);
  };
  return { address: listener?.address, close, [Symbol.asyncDispose]: close };
}

async function keepDialling(
  master: Address,
  { server, logger, onUp, onDown }: WorkerLinkOptions,
  signal: AbortSignal,
): Promise<void> {
  const where = formatAddress(master);
  let failures = 0;
  let isTold = false;
  while (!signal.aborted) {
    let failure: TasklogError;
    try {
      const socket = await dial(master, "the master", signal);
      const gone = new Promise((resolve) => socket.once("close", resolve));
      await introduce(socket, server, where, signal);
      const beganMs = performance.now();
      logger.debug(`the master at ${where} took the connection`);
      isTold = false;
      onUp?.();
      await gone;
      // A master that sends the worker away takes its connection first: that is no success.
      if (performance.now() - beganMs >= reconnectMaxMs) failures = 0;
      failure = new TasklogError("unavailable", `lost the master at ${where}`);
    } catch (error) {
      failure = TasklogError.from(error);
    }
    if (signal.aborted || server.closing) return;
    if (!isTold) onDown?.(failure);
    isTold = true;
    logger.debug(failure.message);
    await pause(backoffMs(failures++), signal);
  }
}

/** Says hello, waits for the master's first bytes, puts them back and, in the same turn, hands the socket over. */
function introduce(socket: Socket, server: GrpcServer, where: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      settle();
      socket.destroy();
      reject(new TasklogError("unavailable", `${where} ${why}`));
    };
    const onClose = () =>
      fail("closed the connection without a word; is it a tasklog master of this version?");
    const onAbort = () => fail("was not waited for");
    const timer = startTimer(() => fail("takes connections and says nothing"), helloTimeoutMs);
    const settle = () => {
      timer.stop();
      socket.removeListener("close", onClose);
      signal.removeEventListener("abort", onAbort);
    };
    socket.once("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
    takeFirstBytes(socket, [http2Preface], (first, magic) => {
      if (magic === undefined) {
        fail("is no tasklog master; use its --grpc address");
        return;
      }
      settle();
      socket.unshift(first);
      server.inject(socket);
      resolve();
    });
    socket.write(workerHello);
  });
}
