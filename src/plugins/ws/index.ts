// The plugin for browsers and programs: live logs over WebSocket and Server-Sent Events at /logs/<task>, the HTTP API
// at /api/v1, and the page at /. It uses what any plugin gets, and holds nothing of a log but what it has encoded for
// those who look at the moment.
import type { IncomingMessage, ServerResponse } from "node:http";
import { TasklogError } from "../../core/base/errors.ts";
import { downloadsMax, pagesMax, placeWaitMs, socketPingMs } from "../../core/base/limits.ts";
import { definePlugin } from "../../core/plugin-api.ts";
import { answerApi } from "./api/api.ts";
import { answerMethod, isRead, readMethods } from "./http/answer.ts";
import { decoded, queryOf } from "./http/path.ts";
import { Places } from "./http/places.ts";
import { EventFeed } from "./live/event-feed.ts";
import { answerEventsOfLog } from "./live/events-of-log.ts";
import { createLogStreams } from "./live/log-streams.ts";
import { Sockets } from "./live/sockets.ts";
import { LogDensities } from "./log/log-density.ts";
import { RunningSearches } from "./log/running-searches.ts";
import { answerPage, isPage } from "./page.ts";

export default definePlugin({
  name: "ws",
  description: "the page, live logs over WebSocket and Server-Sent Events, and the HTTP API",
  options: {
    pingMs: {
      type: "number",
      default: socketPingMs,
      min: 50,
      description: "a WebSocket's viewer is asked for a sign of life this often, and cut when it gives none",
    },
    page: { type: "boolean", default: true, description: "serve the page; the API is there in any case" },
  },
  async start(host) {
    const sockets = new Sockets(host, host.options.pingMs);
    const streams = createLogStreams(host);
    const parts = {
      host,
      feed: new EventFeed(host),
      densities: new LogDensities(),
      searches: new RunningSearches(),
      downloads: new Places(downloadsMax, placeWaitMs, "downloads"),
      pages: new Places(pagesMax, placeWaitMs, "pages of logs"),
    };
    host.metrics.gauge("viewers", "WebSockets that are open.", () => sockets.size);

    host.route("/logs", {
      request: async (request, response, rest) => {
        if (!isRead(request)) {
          answerMethod(request, response, `/logs${rest}`, readMethods);
          return;
        }
        requireEvents(request);
        const { id } = await host.tasks.get(one(tasksIn(rest)));
        await answerEventsOfLog(streams, id, request, response, queryOf(request.url));
      },
      upgrade: (request, socket, head, rest) =>
        sockets.upgrade(request, socket, head, tasksIn(rest), queryOf(request.url)),
    });
    host.route("/api/v1", {
      request: (request: IncomingMessage, response: ServerResponse, rest: string) =>
        answerApi(parts, request, response, rest, queryOf(request.url)),
    });
    if (host.options.page) host.route("/", { request: answerPage, isPage });
    return sockets;
  },
});

/** The tasks that /logs/<task>,<task> names. @throws TasklogError "invalid" */
function tasksIn(rest: string): string[] {
  const tasks = decoded(rest.slice(1))
    .split(",")
    .filter((task) => task !== "");
  if (tasks.length > 0 && !rest.slice(1).includes("/")) return tasks;
  throw new TasklogError("invalid", "the address names no task; write /logs/<task>");
}

function one(tasks: readonly string[]): string {
  if (tasks.length === 1) return tasks[0] as string;
  throw new TasklogError("invalid", "an event stream shows one task; take a WebSocket for several");
}

function requireEvents({ headers }: IncomingMessage): void {
  const accept = String(headers.accept ?? "*/*");
  if (/text\/event-stream|\*\/\*|text\/\*/.test(accept)) return;
  throw new TasklogError(
    "invalid",
    "a live log is a WebSocket or an event stream; ask with Accept: text/event-stream",
  );
}
