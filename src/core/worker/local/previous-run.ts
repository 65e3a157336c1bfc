// The run of a container before its present one (before its last one, when it is down), as a piece of its log: all runs
// are in the same log, one behind the other. The engine tells of a run's end when the last line of it is in the log and
// before the next run begins, so the time of that event is the exact boundary. It remembers 256 events, and none from
// before it was started itself; what is not known because of that is said in `doubt`.
import { stampNow } from "../../base/clock.ts";
import { TasklogError } from "../../base/errors.ts";
import { addMs, isLater, middleOf, parseStamp, type Stamp } from "../../base/stamp.ts";
import type { ContainerInspectInfo, Engine } from "../../engine/client/engine.ts";
import { isDown } from "../../engine/containers/container-end.ts";
import { openEvents } from "../../engine/containers/engine-events.ts";

export interface PreviousRun {
  /** Its records are later than this; undefined: it has all records up to `until`. */
  after?: Stamp;
  /** Its records are not later than this. */
  until: Stamp;
  /** A clause that says what is not known of it; empty if it is exact. */
  doubt: string;
}

interface KnownRun {
  started?: Stamp;
  ended?: Stamp;
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
  const until = runs.at(-2)?.ended;
  if (until === undefined) return fromState(info, runs.length > 0);
  const before = runs.at(-3)?.ended;
  if (before !== undefined) return { after: before, until, doubt: "" };
  const isFirst = isFirstStart(info.Created, runs.at(-2)?.started);
  return {
    until,
    doubt: isFirst ? "" : "runs before it may be shown, too: the engine has forgotten where it began",
  };
}

/** Lists the runs that the engine remembers, oldest first. */
async function knownRuns(
  engine: Engine,
  { Id, Created }: ContainerInspectInfo,
  signal: AbortSignal,
): Promise<KnownRun[]> {
  const since = parseStamp(Created);
  const until = addMs(stampNow(), 1000);
  const runs: KnownRun[] = [];
  for await (const { action, containerId, at } of await openEvents(engine, { since, until }, signal)) {
    if (containerId !== Id) continue;
    const last = runs.at(-1);
    if (action === "start") runs.push({ started: at });
    else if (action === "die" && last !== undefined && last.ended === undefined) last.ended = at;
    else if (action === "die") runs.push({ ended: at });
  }
  return runs;
}

/** `knowsLast`: the engine remembers the start of the present run, and no end before it. */
function fromState({ Name, Created, State }: ContainerInspectInfo, knowsLast: boolean): PreviousRun {
  const started = parseStamp(State.StartedAt);
  const finished = parseStamp(State.FinishedAt);
  const isFirst = isFirstStart(Created, started) || (!isDown(State) && finished === undefined);
  if (started === undefined || (knowsLast && isFirst)) {
    throw new TasklogError(
      "not_found",
      `the container "${Name.replace(/^\//, "")}" had no run before this one: leave out --previous`,
    );
  }
  const doubt =
    "the engine has forgotten its runs: where this one ended is known to some ms only, and all before it is shown";
  return { until: !isDown(State) && finished !== undefined ? middleOf(finished, started) : started, doubt };
}

function isFirstStart(created: string, started: Stamp | undefined): boolean {
  const made = parseStamp(created);
  return made !== undefined && started !== undefined && isLater(addMs(made, firstStartMs), started);
}
