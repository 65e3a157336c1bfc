// Whose pages may ask the master's HTTP server.
//
// A page of another site must not read logs through its visitor's browser, so `Host` and `Origin` are checked on
// every request and upgrade: a host must be localhost or an IP address (which nobody else's name can point to), and
// an origin must be the host that was asked. What a browser sends without an origin for another site's page (an image,
// a script) it marks with `Sec-Fetch-Site`, and is refused too; a link that is followed is not.
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { TasklogError } from "../../base/errors.ts";

export class AskingPages {
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string>;

  /** `allowed`: origins that may ask, too, and whose hosts may be asked for. */
  constructor(allowed: readonly string[]) {
    const origins = allowed.map((origin) => new URL(origin));
    this.#origins = new Set(origins.map((url) => url.origin));
    this.#hosts = new Set(origins.map((url) => url.hostname));
  }

  /** @throws TasklogError "not_permitted" */
  requireOwn({ headers }: IncomingMessage): void {
    const host = headers.host ?? "";
    const name = host.replace(/:\d+$/, "").toLowerCase();
    const address = name.replace(/^\[(.*)\]$/, "$1");
    const known = /^(.+\.)?localhost$/.test(name) || isIP(address) !== 0 || this.#hosts.has(name);
    if (!known) {
      throw new TasklogError(
        "not_permitted",
        `the host ${JSON.stringify(host)} is not served here; ask by IP address or localhost, or start the master with --allow-origin http://${host || "HOST:PORT"}`,
      );
    }
    const { origin } = headers;
    if (origin === undefined) {
      if (headers["sec-fetch-site"] !== "cross-site" || headers["sec-fetch-mode"] === "navigate") return;
      throw new TasklogError("not_permitted", "pages of other sites may not ask here");
    }
    if (this.#origins.has(origin)) return;
    if (URL.canParse(origin) && new URL(origin).host === host.toLowerCase()) return;
    throw new TasklogError(
      "not_permitted",
      `pages of ${JSON.stringify(origin)} may not ask here; the master's --allow-origin lets them`,
    );
  }

  /** Lets the page of an allowed origin read the answer. True: it only asked whether it may ask, and is answered. */
  answered({ method, headers }: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = headers;
    if (origin === undefined || !this.#origins.has(origin)) return false;
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("vary", "origin");
    if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false;
    response.writeHead(204, {
      "access-control-allow-methods": "GET, HEAD, POST",
      "access-control-allow-headers": "content-type, last-event-id",
      "access-control-max-age": "600",
    });
    response.end();
    return true;
  }
}
