// The engine's events about containers: creations, starts, ends, removals. The engine tells of the end of a run when
// its last line is in the log and before the next run begins (moby `daemon/monitor.go`), so the time of that event
// splits the log between two runs. It remembers the newest 256 events, of anything, until it ends itself: `since`
// gives these again, so that a short absence costs nothing.

import type { Readable } from "node:stream";
import { formatEpoch, type Stamp } from "../../base/stamp.ts";
import type { Engine } from "../client/engine.ts";
import { engineGone, fromEngine } from "../client/engine-errors.ts";
import { textLines } from "../client/text-lines.ts";

const heardActions = ["create", "start", "die", "oom", "destroy", "rename"] as const;

export interface EngineEvent {
  action: (typeof heardActions)[number];
  containerId: string;
  at: Stamp;
  /** Image, name, labels; `exitCode` of a `die`. */
  attributes: Readonly<Record<string, string>>;
}

export interface EventRange {
  /** Inclusive. */
  since?: Stamp | undefined;
  /** Ends there; else goes on. */
  until?: Stamp | undefined;
}

/**
 * Events in the engine's order. Resolves when the engine listens: what happens from then on is told. The events then end
 * quietly on abort, and throw TasklogError "unavailable" where the engine ends them.
 */
export async function openEvents(
  { docker, address }: Engine,
  { since, until }: EventRange,
  signal: AbortSignal,
): Promise<AsyncIterable<EngineEvent>> {
  let stream: Readable;
  try {
    stream = (await docker.getEvents({
      filters: JSON.stringify({ type: ["container"], event: heardActions }),
      ...(since && { since: formatEpoch(since.seconds, since.nanos) }),
      ...(until && { until: formatEpoch(until.seconds, until.nanos) }),
      abortSignal: signal,
    } as object)) as Readable;
  } catch (thrown) {
    throw fromEngine(address, "the engine does not tell its events", thrown);
  }
  return read();

  async function* read(): AsyncGenerator<EngineEvent> {
    const abort = (): unknown => stream.destroy();
    signal.addEventListener("abort", abort);
    try {
      if (!signal.aborted) yield* eventsOf(stream);
    } catch (thrown) {
      if (!signal.aborted) throw engineGone(address, thrown);
    } finally {
      signal.removeEventListener("abort", abort);
      stream.destroy();
    }
    if (!signal.aborted && until === undefined) throw engineGone(address);
  }
}

/** Parses one JSON object a line. */
async function* eventsOf(stream: Readable): AsyncGenerator<EngineEvent> {
  for await (const line of textLines(stream)) {
    const event = parseEvent(line);
    if (event !== undefined) yield event;
  }
}

export function parseEvent(line: string): EngineEvent | undefined {
  // Beyond 2^53: JSON.parse would round it.
  const [, seconds, nanos] = /"timeNano":(\d+)(\d{9})\b/.exec(line) ?? [];
  if (seconds === undefined) return undefined;
  const { Action, Actor } = JSON.parse(line) as {
    Action: string;
    Actor: { ID: string; Attributes?: Record<string, string> };
  };
  const action = heardActions.find((known) => known === Action);
  if (action === undefined) return undefined;
  const at = { seconds: Number(seconds), nanos: Number(nanos) };
  return { action, containerId: Actor.ID, at, attributes: Actor.Attributes ?? {} };
}
