// The place in the page, as the address says it: / or /tasks/<id>[,<id>…], with the filter and the view as query. The
// lines that are pointed at are the hash (model/line-link.ts).
import { signal } from "@preact/signals";
import { type LogFilter, noFilter, type StreamChoice } from "../model/api-types.ts";

export interface Route {
  /** The tasks whose logs are shown; none: the list. */
  readonly ids: readonly string[];
  /** Several logs as one. */
  readonly merged: boolean;
  readonly filter: LogFilter;
}

function read(): Route {
  const { pathname, search } = location;
  const found = /^\/tasks\/([^/]+)\/?$/.exec(pathname);
  const params = new URLSearchParams(search);
  const streams = params.get("streams");
  return {
    ids: found === null ? [] : [...new Set((found[1] as string).split(",").map(decoded).filter(Boolean))],
    merged: params.get("view") === "merged",
    filter: {
      include: params.get("include") ?? "",
      exclude: params.get("exclude") ?? "",
      streams: (streams === "stdout" || streams === "stderr" ? streams : "all") satisfies StreamChoice,
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const route = signal<Route>(read());

export function toPath({ ids, merged = false, filter = noFilter }: Partial<Route>): string {
  if (ids === undefined || ids.length === 0) return "/";
  const params = new URLSearchParams();
  if (merged && ids.length > 1) params.set("view", "merged");
  if (filter.include !== "") params.set("include", filter.include);
  if (filter.exclude !== "") params.set("exclude", filter.exclude);
  if (filter.streams !== "all") params.set("streams", filter.streams);
  const query = params.size === 0 ? "" : `?${params}`;
  return `/tasks/${ids.map(encodeURIComponent).join(",")}${query}`;
}

/** Goes there. `replace`: without a step in the browser's history. */
export function go(to: Partial<Route>, { replace = false, hash = "" } = {}): void {
  const path = `${toPath(to)}${hash}`;
  if (path === `${location.pathname}${location.search}${location.hash}`) return;
  history[replace ? "replaceState" : "pushState"](null, "", path);
  route.value = read();
}

/** Puts the lines that are pointed at into the address, without a step in the history. */
export function setHash(hash: string): void {
  if (location.hash === hash) return;
  history.replaceState(null, "", `${location.pathname}${location.search}${hash}`);
}

export function startRoute(): void {
  addEventListener("popstate", () => {
    route.value = read();
  });
}

/** Handles a click on a link: an ordinary one stays in the page, everything else is the browser's. */
export function follow(event: MouseEvent, to: Partial<Route>): void {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(to);
}
