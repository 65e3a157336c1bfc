// One run of an adopted container as a Run: what is between its two ends in the engine's log. Live it follows the log
// while the engine's events are heard; when the end is known, it reads the rest, up to the first line that is later than
// the end. The container is never touched: it cannot be stopped here, and nothing is removed.

import { TasklogError } from "../../base/errors.ts";
import { ttyPollMs } from "../../base/limits.ts";
import { pause, startInterval } from "../../base/wait.ts";
import type { Engine } from "../../engine/client/engine.ts";
import { fromEngine, statusOf } from "../../engine/client/engine-errors.ts";
import { inspectContainer } from "../../engine/containers/container-facts.ts";
import type { OutputItem, RunResult, Taken } from "../../engine/output.ts";
import type { EngineLog } from "../../engine/sources/engine-log.ts";
import type { ReadingPlaces } from "../../engine/sources/reading-places.ts";
import { RunReader } from "../../engine/sources/run-reader.ts";
import type { Run } from "../runtimes/runtime.ts";
import type { AdoptedRunState } from "./adopted-run-state.ts";
import { aborted, type Watch } from "./watch.ts";

/** The log of a run that seems to have ended is followed again after this long, unless the engine has told of its end, in ms. */
const followAgainMs = 1_000;
/** A log that is followed is at its end when its run has ended and nothing came for this long, in ms. */
const endQuietMs = 300;

export interface AdoptedRunParts {
  engine: Engine;
  run: AdoptedRunState;
  /** Or why there is none, as a clause. */
  log: EngineLog | string;
  watch: Watch;
  places: ReadingPlaces;
  taken: Taken;
}

export const containerRemovedReason = "its container was removed, and what was not read before is gone";

export class AdoptedRun implements Run {
  readonly handle: string;
  readonly output: AsyncIterable<OutputItem>;
  readonly #parts: AdoptedRunParts;
  readonly #detaching = new AbortController();
  /** All that the log had was read while it was open. */
  #hasSeenEnd = false;

  constructor(parts: AdoptedRunParts) {
    this.#parts = parts;
    this.handle = parts.run.record.handle;
    this.output = this.#read();
  }

  /** The engine's word on the end itself says more than its event did, where no later run has replaced it. */
  async wait(): Promise<RunResult> {
    const { engine, run } = this.#parts;
    const { result } = await run.ended;
    const { began, containerId } = run.record.adopted;
    if (!result.exitCode) return result;
    const facts = await inspectContainer(engine, containerId).catch(() => undefined);
    const isSame = facts?.startedAt === began && !facts.running;
    return isSame ? facts.result : { ...result, oomKilled: result.oomKilled || run.isOomKilled };
  }

  async stop(): Promise<void> {
    throw new TasklogError("not_permitted", "it is an adopted container, which tasklog never touches");
  }

  detach(): void {
    this.#detaching.abort();
  }

  async *#read(): AsyncGenerator<OutputItem> {
    const { run, log } = this.#parts;
    if (run.record.adopted.end?.isLeft) return;
    if (typeof log === "string") {
      yield { missing: { reason: log } };
    } else {
      try {
        yield* this.#readLog(log);
      } catch (thrown) {
        if (this.#detaching.signal.aborted) return;
        // Removed. Whether the end of the run is known by then or not, it will be.
        if (statusOf(thrown) !== 404) throw this.#failure(thrown);
        if (!this.#hasSeenEnd) yield { missing: { reason: containerRemovedReason } };
      } finally {
        log.release?.();
      }
    }
    await aborted(AbortSignal.any([this.#detaching.signal, run.ending]));
  }

  async *#readLog(log: EngineLog): AsyncGenerator<OutputItem> {
    const { run, watch } = this.#parts;
    const detached = this.#detaching.signal;
    const over = AbortSignal.any([detached, run.ending]);
    const reader = new RunReader({ ...this.#parts, log });
    // Followed, a terminal's log comes from the API without times: nobody could go on in it, or tell two runs apart.
    const follow = log.kind !== "logs-api" || !run.record.spec.tty;
    while (!over.aborted) {
      const down = await watch.whenUp(over);
      if (down === undefined) break;
      const stop = AbortSignal.any([over, down]);
      yield* this.#follow(reader, follow, AbortSignal.any([detached, down]));
      // The container has ended, and the engine is about to tell so; or the source has lost hold of it.
      if (!stop.aborted) await pause(follow ? followAgainMs : ttyPollMs, stop);
    }
    if (detached.aborted || run.record.adopted.end?.isLeft) return;
    yield* reader.read(false, detached);
    if (!detached.aborted) yield* reader.rest();
  }

  /**
   * A container that is removed at its end takes its log along, but not from who has it open: so what is followed is
   * followed on when the run has ended, until nothing more comes.
   */
  async *#follow(reader: RunReader, follow: boolean, stop: AbortSignal): AsyncGenerator<OutputItem> {
    const { run } = this.#parts;
    const quiet = new AbortController();
    const look = startInterval(() => {
      if (run.hasEnded && reader.waitsMs > endQuietMs) quiet.abort();
    }, endQuietMs);
    const begun = performance.now();
    this.#hasSeenEnd = false;
    try {
      yield* reader.read(follow, AbortSignal.any([stop, quiet.signal]));
      this.#hasSeenEnd = !stop.aborted;
    } catch (thrown) {
      // The source had it open, and so has read what there was; unless it was gone before.
      this.#hasSeenEnd = statusOf(thrown) === 404 && performance.now() - begun > endQuietMs;
      throw thrown;
    } finally {
      look.stop();
    }
  }

  #failure(thrown: unknown): TasklogError {
    const { engine, run } = this.#parts;
    return fromEngine(engine.address, `the log of ${run.record.adopted.container} cannot be read`, thrown);
  }
}
