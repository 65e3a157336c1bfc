// The run of a container before its present one (before its last one, when it is down), as a piece of its log: all runs
// are in the same log, one behind the other. The engine tells of a run's end when the last line of it is in the log and
// before the next run begins, so the time of that event is the exact boundary. It remembers 256 events, and none from
// before it was started itself; what is not known because of that is said in `doubt`.
import { TasklogError } from "../../base/errors.ts";
import type { Stamp } from "../../base/stamp.ts";
import type { ContainerInspectInfo, Engine } from "../../engine/client/engine.ts";
import { openEvents } from "../../engine/containers/engine-events.ts";

export interface PreviousRun {
  /** Its records are later than this; undefined: it has all records up to `toMs`. In ms of the Unix epoch. */
  afterMs?: number;
  /** Its records are not later than this. */
  toMs: number;
  /** What is not known of it, a clause; empty: it is exact. */
  doubt: string;
}

/** In ms of the Unix epoch. */
interface KnownRun {
  startedMs?: number;
  endedMs?: number;
}

/** A container that starts this soon after it was created (ms) starts for the first time. */
const firstStartMs = 10_000;

/** Throws TasklogError "not_found" where there was no run before, "unavailable" where the engine does not answer. */
export async function previousRun(
  engine: Engine,
  info: ContainerInspectInfo,
  signal: AbortSignal,
): Promise<PreviousRun> {
  const runs = await knownRuns(engine, info, signal);
  const toMs = runs.at(-2)?.endedMs;
  if (toMs === undefined) return fromState(info, runs.length > 0);
  const before = runs.at(-3)?.endedMs;
  if (before !== undefined) return { afterMs: before, toMs, doubt: "" };
  const startedMs = runs.at(-2)?.startedMs ?? Number.POSITIVE_INFINITY;
  const isFirst = startedMs - Date.parse(info.Created) < firstStartMs;
  return {
    toMs,
    doubt: isFirst ? "" : "runs before it may be shown, too: the engine has forgotten where it began",
  };
}

/** As far as the engine remembers, oldest first. */
async function knownRuns(
  engine: Engine,
  { Id, Created }: ContainerInspectInfo,
  signal: AbortSignal,
): Promise<KnownRun[]> {
  const since = { seconds: Math.floor(Date.parse(Created) / 1000), nanos: 0 };
  const until = { seconds: Math.floor(Date.now() / 1000) + 1, nanos: 0 };
  const runs: KnownRun[] = [];
  for await (const { action, containerId, at } of await openEvents(engine, { since, until }, signal)) {
    if (containerId !== Id) continue;
    const last = runs.at(-1);
    if (action === "start") runs.push({ startedMs: toMs(at) });
    else if (action === "die" && last !== undefined && last.endedMs === undefined) last.endedMs = toMs(at);
    else if (action === "die") runs.push({ endedMs: toMs(at) });
  }
  return runs;
}

/** `knowsLast`: the engine remembers the start of the present run, and no end before it. */
function fromState({ Name, Created, State }: ContainerInspectInfo, knowsLast: boolean): PreviousRun {
  const startedMs = Date.parse(State.StartedAt);
  const finishedMs = Date.parse(State.FinishedAt);
  const isFirst = startedMs - Date.parse(Created) < firstStartMs || (State.Running && !(finishedMs > 0));
  if (!(startedMs > 0) || (knowsLast && isFirst)) {
    throw new TasklogError(
      "not_found",
      `the container "${Name.replace(/^\//, "")}" had no run before this one: leave out --previous`,
    );
  }
  const doubt =
    "the engine has forgotten its runs: where this one ended is known to some ms only, and all before it is shown";
  return { toMs: State.Running && finishedMs > 0 ? (finishedMs + startedMs) / 2 : startedMs, doubt };
}

function toMs({ seconds, nanos }: Stamp): number {
  return seconds * 1000 + nanos / 1e6;
}
