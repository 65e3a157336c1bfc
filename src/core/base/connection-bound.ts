// Keeps the connections of a listener below what this process may open, so that files, tasks and engines always find a
// descriptor. Without it, accept() fails with EMFILE for as long as somebody waits: a core burns and nobody is told.
import { readFileSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import type { Server } from "node:net";
import { refusalsTellMs } from "./limits.ts";
import type { Logger } from "./logger.ts";

/**
 * A master listens at two addresses, and each may have half of the descriptors (`ulimit -n`) beyond the reserve for files,
 * tasks and engines: a quarter, or this many if that is more. The last is the limit where the system does not tell it.
 */
const listenersMax = 2;
const descriptorsReserved = 64;
const descriptorsAssumed = 1024;

/** The soft limit of open files of this process, as /proc tells it. */
export function openFilesMax(limits = readLimits()): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return descriptorsAssumed;
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The connections that one listener may have, when the process may open `filesMax` files. */
export function connectionsMax(filesMax = openFilesMax()): number {
  if (!Number.isFinite(filesMax)) return Number.MAX_SAFE_INTEGER;
  const reserved = Math.min(filesMax / 2, Math.max(filesMax / 4, descriptorsReserved));
  return Math.max(1, Math.floor((filesMax - reserved) / listenersMax));
}

/** Closes what comes beyond the bound at once, and tells so once in a while. `what` is as messages name it: "--http". */
export function boundConnections(server: Server | HttpServer, what: string, logger: Logger): number {
  const max = connectionsMax();
  let toldAt = Number.NEGATIVE_INFINITY;
  server.maxConnections = max;
  server.on("drop", () => {
    if (performance.now() - toldAt < refusalsTellMs) return;
    toldAt = performance.now();
    logger.warn(
      `${what} has ${max} connections, all that the limit of open files allows: more are closed until some end; ` +
        "raise ulimit -n, or see who connects",
    );
  });
  return max;
}

function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return ""; // not Linux
  }
}
