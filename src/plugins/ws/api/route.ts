// A route of the HTTP API: its path, its handler, and its documentation. The description of the API is made from the
// same table that answers, so neither knows a route that the other does not.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { PluginHost } from "../../../core/plugin-api.ts";
import type { Places } from "../http/places.ts";
import type { EventFeed } from "../live/event-feed.ts";
import type { LogDensities } from "../log/log-density.ts";
import type { RunningSearches } from "../log/running-searches.ts";
import type { Query } from "./query.ts";

export interface ApiParts {
  readonly host: Pick<
    PluginHost,
    "tasks" | "workers" | "events" | "master" | "signal" | "readTaskLog" | "streamTaskLogsUnified"
  >;
  readonly feed: EventFeed;
  readonly densities: LogDensities;
  readonly searches: RunningSearches;
  readonly downloads: Places;
  readonly pages: Places;
}

export interface ApiCall extends ApiParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: Query;
  /** The value in the place of `{ref}`. */
  readonly ref: string;
}

export interface ApiParameter {
  readonly name: string;
  readonly description: string;
  readonly type?: "string" | "integer" | "boolean";
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly isList?: true;
  readonly isRequired?: true;
}

export interface ApiRoute {
  /** Its name in the description: what a generated client calls it. */
  readonly id: string;
  readonly method: "GET" | "POST";
  /** Below /api/v1. */
  readonly path: string;
  readonly summary: string;
  readonly query?: readonly ApiParameter[];
  /** Schema of the JSON body. */
  readonly body?: object;
  /** Schema of the answer's JSON. */
  readonly answer?: object;
  /** Media types of the answer; JSON by default. */
  readonly answers?: readonly string[];
  readonly status?: number;
  handle(call: ApiCall): Promise<void>;
}

/** Aborts when the client of the call has gone. */
export function clientSignal({ response, host }: ApiCall): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  return AbortSignal.any([gone.signal, host.signal]);
}
