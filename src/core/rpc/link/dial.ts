// One TCP connection, or one sentence that says why there is none. Does not retry.

import { connect, type Socket } from "node:net";
import { TasklogError } from "../../base/errors.ts";
import { helloTimeoutMs } from "../../base/limits.ts";
import { startTimer } from "../../base/wait.ts";
import { type Address, formatAddress } from "./addresses.ts";

/** A connected socket without delay. `what` names the other end in the message of the TasklogError. */
export function dial(address: Address, what: string, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port });
    const fail = (code: "aborted" | "unavailable", why: string) => {
      settle();
      socket.destroy();
      reject(new TasklogError(code, `cannot reach ${what} at ${formatAddress(address)}: ${why}`));
    };
    const abort = () => fail("aborted", "cancelled");
    const timer = startTimer(() => fail("unavailable", "the host does not answer"), helloTimeoutMs);
    const settle = () => {
      timer.stop();
      signal?.removeEventListener("abort", abort);
    };
    socket.on("error", (error: NodeJS.ErrnoException) => {
      fail("unavailable", error.code === "ECONNREFUSED" ? "nobody listens there" : error.message);
    });
    socket.once("connect", () => {
      settle();
      socket.setNoDelay(true);
      resolve(socket);
    });
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted === true) abort();
  });
}
