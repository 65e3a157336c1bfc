// Dials a worker that listens (`tasklog worker --listen`), for ever, with back-off and jitter. What comes of a
// connection is the registry's business.

import { backoffMs } from "../../base/back-off.ts";
import { TasklogError } from "../../base/errors.ts";
import { reconnectMaxMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
import { pause } from "../../base/wait.ts";
import type { Address } from "../../rpc/link/addresses.ts";
import { connectWorker } from "../../rpc/worker-client.ts";
import type { Workers } from "./workers.ts";

/** Resolves after abort. */
export async function keepDialling(
  address: Address,
  workers: Workers,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    const startedMs = performance.now();
    try {
      await workers.serve(await connectWorker(address, signal));
    } catch (error) {
      if (!signal.aborted && failures === 0) {
        logger.warn(`${TasklogError.from(error).message}; trying again until it is there`);
      }
    }
    // One that stayed a while was a good connection: begin with short pauses again.
    if (performance.now() - startedMs > reconnectMaxMs) failures = 0;
    await pause(backoffMs(failures), signal);
  }
}
