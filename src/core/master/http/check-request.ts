// What no client of ours sends, and what proxies and this server could read in two ways. It is refused before anybody looks
// at the path: the host that was checked must be the host that was asked, and a body must end where both think it ends.
import type { IncomingMessage } from "node:http";
import { TasklogError } from "../../base/errors.ts";

/** The longest URL in a message, in characters: a stranger chooses it. */
const shownUrlMax = 200;

/** @throws TasklogError "invalid" */
export function requireProper({ url = "", headers, rawHeaders }: IncomingMessage): void {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length > 1) throw new TasklogError("invalid", "the request has more than one Host header");
  if (!url.startsWith("/")) {
    throw new TasklogError(
      "invalid",
      `ask for a path that begins with /, not for ${JSON.stringify(shownUrl(url))}`,
    );
  }
  const encoding = headers["transfer-encoding"];
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "chunked") {
    throw new TasklogError("invalid", "the only Transfer-Encoding that is understood is chunked");
  }
}

/** An address as messages and the log have it: it is a stranger's, and may be long. */
export function shownUrl(url: string | undefined): string {
  const text = url ?? "";
  return text.length <= shownUrlMax ? text : `${text.slice(0, shownUrlMax)}…`;
}
