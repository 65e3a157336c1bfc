// Where a tab's events come from: the worker that all tabs share, or, in a browser that has none, a stream of its own.
import { type FeedEvent, openEventSource } from "./event-source.ts";

/** Begins to tell, and goes on for as long as the tab lives. */
export function openFeed(tell: (event: FeedEvent) => void): void {
  const script = document.querySelector<HTMLMetaElement>('meta[name="feed-worker"]')?.content;
  if (typeof SharedWorker === "undefined" || !script) {
    openEventSource(tell);
    return;
  }
  const worker = new SharedWorker(script, { name: "tasklog" });
  let isAlone = false;
  worker.onerror = () => {
    if (isAlone) return;
    isAlone = true;
    openEventSource(tell);
  };
  worker.port.onmessage = ({ data }: MessageEvent<FeedEvent>) => tell(data);
  addEventListener("pagehide", () => worker.port.postMessage("bye"));
  // A tab that was kept by the browser and shown again has said that it goes.
  addEventListener("pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) location.reload();
  });
}
