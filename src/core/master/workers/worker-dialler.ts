// Dials a worker that listens (`tasklog worker --listen`), for ever, with back-off and jitter. What comes of a
// connection is the registry's business.

import { nextChange } from "../../base/change.ts";
import { TasklogError } from "../../base/errors.ts";
import { reconnectMaxMs, reconnectMinMs } from "../../base/limits.ts";
import type { Logger } from "../../base/logger.ts";
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
    const pauseMs = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(failures, 10));
    await nextChange([], signal, pauseMs / 2 + (Math.random() * pauseMs) / 2);
  }
}
