// The memory that an engine has of a container. Its newest events are kept in its memory alone, so an engine that
// remembers having been attached to has not been restarted since, and one that remembers the end has read all of the
// output. No clock is needed for either.
import type { Readable } from "node:stream";
import type { Container } from "dockerode";
import { answered } from "../client/engine-errors.ts";
import { attachOutput } from "../containers/attach-output.ts";

/**
 * An engine keeps 256 events (`daemon/events/events.go`). With fewer than this nothing is forgotten: those that come while it is
 * asked push others out, and are not told themselves.
 */
const eventsMax = 192;

export interface EngineMemory {
  wasAttached: boolean;
  sawStart: boolean;
  sawEnd: boolean;
  /** Nothing since the engine's own start is forgotten. */
  isWhole: boolean;
  /** Its clock, ms of the Unix epoch, is ahead of `performance.now()`, which nobody sets, by something between the two. */
  aheadMs: readonly [least: number, most: number];
}

const knowsNothing = { wasAttached: false, sawStart: false, sawEnd: false, isWhole: false };

/**
 * Asks the engine; call it before you attach. An engine that does not tell its events remembers nothing. Throws what dockerode
 * throws when none answers.
 */
export async function engineMemory(container: Container): Promise<EngineMemory> {
  try {
    const askedMs = performance.now();
    const { SystemTime } = (await get(container, "/info", false)) as { SystemTime: string };
    const nowMs = Date.parse(SystemTime);
    const aheadMs = [nowMs - performance.now(), nowMs - askedMs] as const;
    const events = await pastEvents(container, SystemTime);
    const own = new Set(events.filter(({ id }) => id === container.id).map(({ Action }) => Action));
    return {
      wasAttached: own.has("attach"),
      sawStart: own.has("start"),
      sawEnd: own.has("die"),
      isWhole: events.length < eventsMax,
      aheadMs,
    };
  } catch (thrown) {
    if (!answered(thrown)) throw thrown;
    const aheadMs = Date.now() - performance.now();
    return { ...knowsNothing, aheadMs: [aheadMs, aheadMs] };
  }
}

/** Attaches for a moment, which the engine remembers: who reads its log alone could not tell it from another one later. */
export async function leaveMark(container: Container): Promise<void> {
  const left = new AbortController();
  await attachOutput(container, true, left.signal).catch(() => {});
  left.abort();
}

/** An answer that ends needs both bounds; the second is "now" by the engine's own clock. */
async function pastEvents(container: Container, now: string): Promise<{ id: string; Action: string }[]> {
  const [, nanos = "0"] = /\.(\d+)/.exec(now) ?? [];
  const until = `${Math.floor(Date.parse(now) / 1000)}.${nanos}`;
  const stream = (await get(container, `/events?since=1&until=${until}`, true)) as Readable;
  let text = "";
  for await (const bytes of stream) text += bytes;
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line));
}

function get({ modem }: Container, path: string, isStream: boolean): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const statusCodes = { 200: true, 500: "server error" };
  modem.dial({ path, method: "GET", isStream, statusCodes }, (error: unknown, answer: unknown) =>
    error ? reject(error) : resolve(answer),
  );
  return promise;
}
