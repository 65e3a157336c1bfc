// Keeps the connections of a listener below what this process may open, so that files, tasks and engines always find a
// descriptor. Without it, accept() fails with EMFILE for as long as somebody waits: a core burns and nobody is told.
import { readFileSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import type { Server } from "node:net";
import { refusalsTellMs } from "./limits.ts";
import type { Logger } from "./logger.ts";

/**
 * The reserve of descriptors (`ulimit -n`) for files, tasks and engines: a quarter of them, at least the first and at most
 * the second number, since no worker opens thousands of files. The last is the limit if the system does not say it.
 */
const descriptorsReservedMin = 64;
const descriptorsReservedMax = 1024;
const descriptorsAssumed = 1024;

/**
 * The share of each listener in the descriptors beyond the reserve: a viewer in a browser or of a WebSocket has a
 * connection at `--http`, thousands of them perhaps; clients and workers at `--grpc` are far fewer.
 */
const shares = { "--http": 0.75, "--grpc": 0.25 };

/** The soft limit of open files of this process, as /proc tells it. */
export function openFilesMax(limits = readLimits()): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (soft === undefined) return descriptorsAssumed;
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The connections that a listener may have, when the process may open `filesMax` files. */
export function connectionsMax(listener: keyof typeof shares, filesMax = openFilesMax()): number {
  if (!Number.isFinite(filesMax)) return Number.MAX_SAFE_INTEGER;
  const wanted = Math.min(Math.max(filesMax / 4, descriptorsReservedMin), descriptorsReservedMax);
  const reserved = Math.min(filesMax / 2, wanted);
  return Math.max(1, Math.floor((filesMax - reserved) * shares[listener]));
}

/** Closes what comes beyond the bound at once, and tells so once in a while. `what` names the listener in messages. */
export function boundConnections(
  server: Server | HttpServer,
  listener: keyof typeof shares,
  logger: Logger,
  what: string = listener,
): number {
  const max = connectionsMax(listener);
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
