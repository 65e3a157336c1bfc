// Serves the page: its files from memory, as they were built into the executable, and the page itself for all addresses
// that the page routes by itself.
import type { IncomingMessage, ServerResponse } from "node:http";
import { TasklogError } from "../../core/base/errors.ts";
import { answerBytes, answerMethod, isRead, readMethods } from "./http/answer.ts";
import { safeHeaders } from "./http/headers.ts";

const indexPath = "/index.html";

/** @throws TasklogError "not_found", "invalid" */
export async function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  if (!isRead(request)) {
    answerMethod(request, response, path || "/", readMethods);
    return;
  }
  const asset = (await assets()).get(isPage(path) ? indexPath : path);
  if (asset === undefined) throw new TasklogError("not_found", `there is nothing at ${path}`);
  const etag = `"${Bun.hash(asset.body).toString(36)}"`;
  const headers = {
    ...safeHeaders,
    "content-type": asset.type,
    "cache-control": asset.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    etag,
  };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  await answerBytes(request, response, asset.body, headers);
}

/** True if `path` is one of those that the page shows itself for. */
export function isPage(path: string): boolean {
  return path === "" || path === "/" || path.startsWith("/tasks/");
}

/** Loaded when it is first asked for: who uses only the API keeps no page in memory. */
async function assets() {
  return (await import("./page-assets.ts")).pageAssets();
}
