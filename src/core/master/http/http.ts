// The master's HTTP server, shared by all plugins: each takes a path with what is below it. This file knows paths,
// upgrades, `/healthz` and `/metrics`; what a path means is its plugin's. Whom to refuse is decided before any of them is
// asked (asking-pages.ts).
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { boundConnections } from "../../base/connection-bound.ts";
import { TasklogError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { type Address, formatAddress } from "../../rpc/link/addresses.ts";
import { AskingPages } from "./asking-pages.ts";
import { requireProper, shownUrl } from "./check-request.ts";

/**
 * The handler of the requests below a path. `rest` is what follows the prefix, beginning with "/" or empty, without
 * the query.
 */
export interface HttpRoute {
  /** True if pages of other sites may link there: it is a page, and showing it costs nothing. No by default. */
  isPage?(rest: string): boolean;
  request?(request: IncomingMessage, response: ServerResponse, rest: string): void | Promise<void>;
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer, rest: string): void | Promise<void>;
}

export interface HttpHostOptions {
  logger: Logger;
  /** The body of `GET /metrics`. */
  metricsText: () => string;
  /**
   * Origins that may ask beside the asked host itself, e.g. `https://ci.example`. Their host names may also be asked
   * for, beside localhost and IP addresses: that is where a proxy in front of this server gets its requests.
   */
  allowOrigins?: readonly string[];
}

export class HttpHost {
  readonly #routes = new Map<string, { route: HttpRoute; owner: string }>();
  /** Answers that are not whole yet, and whose they are. */
  readonly #open = new Map<ServerResponse, string>();
  readonly #options: HttpHostOptions;
  readonly #pages: AskingPages;
  #server: Server | undefined;

  constructor(options: HttpHostOptions) {
    this.#options = options;
    this.#pages = new AskingPages(options.allowOrigins ?? []);
    this.route("/healthz", { request: (_request, response) => sendText(response, 200, "ok\n") });
    this.route("/metrics", {
      request: (_request, response) => sendText(response, 200, options.metricsText()),
    });
  }

  /**
   * Takes `prefix` ("/logs"; "/" takes what nobody else has) with all below it: nobody else gets a part of that. `owner`
   * is as messages name it. Returns how to give it back.
   */
  route(prefix: string, route: HttpRoute, owner = "the master"): () => void {
    if (!/^\/([\w.-]+(\/[\w.-]+)*)?$/.test(prefix)) {
      throw new TasklogError("invalid", `${JSON.stringify(prefix)} is no path to serve; write it like /logs`);
    }
    for (const [taken, other] of this.#routes) {
      if (taken !== prefix && (other.owner === owner || !overlap(taken, prefix))) continue;
      const where = taken === prefix ? "" : `, with ${taken},`;
      throw new TasklogError(
        "already_exists",
        `the path ${prefix} is served${where} by ${other.owner} already`,
      );
    }
    const entry = { route, owner };
    this.#routes.set(prefix, entry);
    return () => {
      if (this.#routes.get(prefix) === entry) this.#routes.delete(prefix);
    };
  }

  /** Ends the answers that `owner`, which has failed, still owes. */
  endAnswers(owner: string): void {
    for (const [response, whose] of this.#open) {
      if (whose !== owner) continue;
      if (response.headersSent) response.destroy();
      else sendError(response, new TasklogError("unavailable", `${owner} has ended; come again`));
    }
  }

  /** @throws TasklogError "busy" when the port is taken. */
  async listen(address: Address): Promise<Address> {
    // An offer of HTTP/2, as `curl --http2` and Java's client make it, is not taken up: the request is answered as it is.
    const server = createServer(
      { shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() !== "h2c" },
      (request, response) => void this.#request(request, response),
    );
    boundConnections(server, "--http", this.#options.logger);
    server.on("upgrade", (request, socket, head) => void this.#upgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) => reject(listenError(error, address)));
      server.listen(address.port, address.host, resolve);
    });
    this.#server = server;
    const bound = server.address();
    return {
      host: address.host,
      port: typeof bound === "object" && bound !== null ? bound.port : address.port,
    };
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  async #request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      requireProper(request);
      const found = this.#find(request);
      this.#pages.requireOwn(request, found?.route.isPage?.(found.rest) ?? false);
      if (this.#pages.answered(request, response)) return;
      if (found?.route.request === undefined) {
        const hint = this.#routes.has("/")
          ? ""
          : "; the page and the API come with the plugin ws: --plugins ws";
        throw new TasklogError("not_found", `there is nothing at ${shownUrl(request.url)}${hint}`);
      }
      this.#open.set(response, found.owner);
      response.once("close", () => this.#open.delete(response));
      await found.route.request(request, response, found.rest);
    } catch (thrown) {
      const error = TasklogError.from(thrown);
      if (error.code === "internal") this.#options.logger.error(`${shownUrl(request.url)}: ${error.message}`);
      if (response.headersSent) response.destroy();
      else sendError(response, error);
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", ignore);
    try {
      requireProper(request);
      this.#pages.requireOwn(request, false);
      const found = this.#find(request);
      if (found?.route.upgrade === undefined) {
        throw new TasklogError("not_found", `there is nothing to upgrade at ${shownUrl(request.url)}`);
      }
      await found.route.upgrade(request, socket, head, found.rest);
    } catch (thrown) {
      const error = TasklogError.from(thrown);
      const body = errorBody(error);
      socket.end(
        `HTTP/1.1 ${error.httpStatus} ${error.code}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
          `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    }
  }

  /** The longest prefix that is the path or is followed by a slash in it. */
  #find(request: IncomingMessage): { route: HttpRoute; owner: string; rest: string } | undefined {
    const path = pathOf(request);
    for (let prefix = path; prefix !== ""; prefix = prefix.slice(0, prefix.lastIndexOf("/"))) {
      const found = this.#routes.get(prefix);
      if (found !== undefined) return { ...found, rest: path.slice(prefix.length) };
    }
    const root = this.#routes.get("/");
    return root && { ...root, rest: path };
  }
}

/** True if one path lies below the other. All lie below "/", whose owner gets what is left. */
function overlap(a: string, b: string): boolean {
  return a !== "/" && b !== "/" && (a.startsWith(`${b}/`) || b.startsWith(`${a}/`));
}

/**
 * Ignores the error of a breaking socket: its "close" follows. One function for all, because there may be many
 * sockets.
 */
function ignore(): void {}

/** `{ "error": { "code", "message" } }` with the HTTP status of the code. */
function sendError(response: ServerResponse, error: TasklogError): void {
  response.writeHead(error.httpStatus, {
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
  });
  response.end(errorBody(error));
}

function errorBody({ code, message }: TasklogError): string {
  return `${JSON.stringify({ error: { code, message } })}\n`;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}

/** Normalised, so that no `..` is left in it. */
function pathOf(request: IncomingMessage): string {
  const url = URL.parse(request.url ?? "/", "http://localhost");
  if (url === null) throw new TasklogError("invalid", "the path of the request cannot be read");
  return url.pathname;
}

function listenError(error: NodeJS.ErrnoException, address: Address): TasklogError {
  const where = `--http ${formatAddress(address)}`;
  if (error.code === "EADDRINUSE") {
    return new TasklogError("busy", `${where} is taken by another program; stop it or choose another port`, {
      cause: error,
    });
  }
  if (error.code === "EACCES") {
    return new TasklogError("not_permitted", `${where} needs more rights; choose a port above 1023`, {
      cause: error,
    });
  }
  return new TasklogError("usage", `cannot listen on ${where}: ${error.message}`, { cause: error });
}
