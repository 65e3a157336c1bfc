// The output of a container that was started before, behind the lines that were taken of it. It is read from the engine's
// log to its end: there is no return to an attach. The first place is found by counting (counted-lines.ts), every later one
// was kept (sources/reading-places.ts); where an engine ended meanwhile, its place is known by itself (engine-cut.ts).
import type { Container, ContainerInspectInfo } from "dockerode";
import { TasklogError } from "../../base/errors.ts";
import { ttyPollMs } from "../../base/limits.ts";
import { pause } from "../../base/wait.ts";
import type { Engine } from "../client/engine.ts";
import { engineMessage, statusOf } from "../client/engine-errors.ts";
import { engineTrace } from "../client/engine-trace.ts";
import { attachOutput } from "../containers/attach-output.ts";
import { isDown, untilRunning } from "../containers/container-end.ts";
import { logFilesOf, mayRotate } from "../files/log-files.ts";
import type { OutputItem, Taken } from "../output.ts";
import type { EngineLog } from "../sources/engine-log.ts";
import { oneEngineLog } from "../sources/one-engine-log.ts";
import { openEngineLog } from "../sources/open-engine-log.ts";
import type { ReadingPlaces } from "../sources/reading-places.ts";
import { RunReader } from "../sources/run-reader.ts";
import { CountedLines } from "./counted-lines.ts";
import { type Cut, EngineCut, withoutTold } from "./engine-cut.ts";
import { engineMemory, leaveMark } from "./engine-memory.ts";

export interface TakeoverParts {
  engine: Engine;
  container: Container;
  /** The container's inspect. */
  info: ContainerInspectInfo;
  taken: Taken;
  places: ReadingPlaces;
  /** The break of the output: the engine itself may have lost what it had read. */
  cut: Cut | undefined;
  /** The engine that the container was read from last, where nobody has read it since: it may have ended meanwhile. */
  engineBefore: string | undefined;
  /** Is called when more is known of the cut. */
  onLearned: (cut: Cut) => void;
  onTold: () => void;
}

export async function* takeOver(parts: TakeoverParts, signal: AbortSignal): AsyncGenerator<OutputItem> {
  const { engine, info, taken, places } = parts;
  let log: EngineLog;
  try {
    log = oneEngineLog(await openEngineLog(engine, info), engine.address);
  } catch (thrown) {
    if (!(thrown instanceof TasklogError && thrown.code === "invalid")) throw thrown;
    return yield* liveOnly(parts, signal);
  }
  const counted = await CountedLines.behind(taken);
  const cut = await engineCut(parts, log.kind);
  const run = { from: {}, until: undefined, place: undefined };
  const reader = new RunReader({ run, log, places, taken, counted, cut });
  try {
    yield* follow(reader, log, parts, signal);
  } catch (thrown) {
    if (!isUnreadable(thrown)) throw thrown;
    return yield* liveOnly(parts, signal);
  }
  if (!signal.aborted) yield* reader.rest();
}

/** Followed, a terminal's log comes from the API without times, in which nobody could go on: it is asked for again and again. */
async function* follow(
  reader: RunReader,
  log: EngineLog,
  { container, info }: TakeoverParts,
  signal: AbortSignal,
): AsyncGenerator<OutputItem> {
  if (log.kind === "log-file" || !info.Config.Tty) return yield* reader.read(true, signal);
  for (let isRunning = true; isRunning && !signal.aborted; ) {
    const { State } = await container.inspect();
    isRunning = !isDown(State);
    yield* reader.read(false, signal);
    if (isRunning) await pause(ttyPollMs, signal);
  }
}

/** Reads live output only, for an engine that keeps no log: what was printed meanwhile is gone. */
async function* liveOnly(
  { container, info }: TakeoverParts,
  signal: AbortSignal,
): AsyncGenerator<OutputItem> {
  yield { missing: { reason: "the engine keeps no log of this container that can be read" } };
  if ((await untilRunning(container, signal)) === undefined) return;
  const chunks = await attachOutput(container, info.Config.Tty, signal);
  if ((await untilRunning(container, signal)) !== undefined) yield* chunks;
}

/** Returns undefined where the engine is the one that was read from before, and has all of it. */
async function engineCut(parts: TakeoverParts, source: EngineLog["kind"]): Promise<EngineCut | undefined> {
  const { container, info, taken, places, engineBefore, onLearned, onTold } = parts;
  let { cut } = parts;
  places.backTo(taken.lastSeq());
  if (cut !== undefined && withoutTold(cut, (id) => places.knows(id)) === undefined) {
    cut.isTold = true;
    onTold();
    cut = undefined;
  }
  const memory = cut?.memory ?? (await engineMemory(container));
  if (!isDown(info.State) && !memory.wasAttached) await leaveMark(container);
  const trace = engineTrace(parts.engine.address);
  if (cut !== undefined && memory.wasAttached) {
    cut.isTold = true;
    onTold();
    return undefined;
  }
  if (cut === undefined) {
    if (engineBefore === undefined || memory.wasAttached) return undefined;
    const isOther = trace !== undefined && engineBefore !== "" && trace.id !== engineBefore;
    if (!isOther && !memory.isWhole) return undefined;
    const nowMs = performance.now();
    const unreadUntilMs = isOther ? trace.beganMs : nowMs + memory.aheadMs[1];
    cut = {
      ...{ id: crypto.randomUUID(), fromMs: nowMs, toMs: nowMs, silentMs: 0 },
      ...{ memory, isTold: false, stops: [], unreadUntilMs },
    };
  }
  const found = cut;
  found.memory = memory;
  onLearned(found);
  const isOneFile = source === "log-file" && !mayRotate(logFilesOf(info));
  const unfinished = memory.isWhole ? taken.unfinished : {};
  return new EngineCut({
    ...{ cut: found, memory, unfinished },
    onTold: () => (found.isTold ? onTold() : onLearned(found)),
    isDown: isDown(info.State),
    hasStops: isOneFile,
  });
}

/** True if an engine's failure means that the log driver of the container keeps nothing to be read. */
function isUnreadable(thrown: unknown): boolean {
  return statusOf(thrown) !== undefined && /does not support reading/.test(engineMessage(thrown));
}
