// The origins and hosts whose pages may call the master's HTTP server.
//
// A page of another site must not read logs through its visitor's browser, so `Host` and `Origin` are checked on
// every request and upgrade: a host must be localhost or an IP address (which nobody else's name can point to), and
// an origin must be the host that was asked, with its scheme. What a browser sends without an origin for another site's page
// (an image, a frame, a link that is followed) it marks with `Sec-Fetch-Site`, and is refused, too; except a link to a page
// that is there to be linked to, when it fills a tab of its own. So no other site can make a visitor's browser ask for
// anything that costs more than a page.
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

  /** `isPage`: what was asked for is a page that others may link to. @throws TasklogError "not_permitted" */
  requireOwn({ headers, method }: IncomingMessage, isPage: boolean): void {
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
      const site = headers["sec-fetch-site"] ?? "none";
      if (site === "none" || site === "same-origin") return;
      const isLink = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
      if (isPage && isLink && (method === "GET" || method === "HEAD")) return;
      throw new TasklogError(
        "not_permitted",
        "pages of other sites may not ask here; they may link to / and to /tasks/<task>, and nothing else",
      );
    }
    if (this.#origins.has(origin)) return;
    const asked = URL.parse(`http://${host}`);
    if (asked !== null && URL.parse(origin)?.origin === asked.origin) return;
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
