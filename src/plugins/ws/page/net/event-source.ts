// The master's stream of events, opened again for as long as it is wanted. The texts of its events are handed on as they
// come. Runs in a page, and in the worker that all pages share.
import { startTimer } from "../../../../core/base/wait.ts";

/** The items of a feed: an event's name and its text; "error" while there is no connection. */
export type FeedEvent = readonly [kind: "snapshot" | "task" | "worker" | "error", data: string];

/** A browser gives up on an answer that is no event stream; then it is tried again after this long, in ms. */
const retryMs = 3000;

export function openEventSource(tell: (event: FeedEvent) => void): void {
  const source = new EventSource("/api/v1/events");
  for (const kind of ["snapshot", "task", "worker"] as const) {
    source.addEventListener(kind, ({ data }) => tell([kind, data]));
  }
  source.onerror = () => {
    tell(["error", ""]);
    if (source.readyState === EventSource.CLOSED) startTimer(() => openEventSource(tell), retryMs);
  };
}
