// Where an engine ended in the middle of a container's output, and what that has cost. What it had read by then and neither
// logged nor delivered is gone (seen with 20.10: 150 000 lines, 1 MB); so is what a container prints after that and before
// the next engine comes, if it ends meanwhile. The log goes on as if nothing were missing.
//
// What is known: nothing is lost where the engine is the same one as before (only the connection broke), or has told the
// container's end itself. What cannot be known is whether anything was on its way in the last moment: a container that had
// printed within `busyMs` may have lost lines, and is told so; of one that was silent it is taken that it lost none.

import type { Stamp } from "../../base/stamp.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { Taken } from "../output.ts";
import type { LogRecord } from "../records/log-record.ts";
import type { EngineMemory } from "./engine-memory.ts";
import type { Breakage } from "./output-pulse.ts";

/** Whoever has printed within this time before the end, in ms, may have been printing in the moment of it. */
const busyMs = 5000;
/** Without an engine nothing is logged for so long at least, in ms: that shows where it ended of what came about then. */
const awayMs = 150;

const whilePrintingReason =
  "perhaps none: the engine ended while the task printed, and what it had in memory is gone";
const whileAwayReason =
  "perhaps none: the container ended while the engine was away, and nobody read what it printed";

/** Between the end of an output and the moment in which a takeover has told what it cost. */
export interface Cut extends Breakage {
  /** Of the engine that answers since; undefined: it has not been asked yet. */
  memory: EngineMemory | undefined;
  isTold: boolean;
}

export class EngineCut {
  readonly #cut: Cut;
  readonly #memory: EngineMemory;
  readonly #isDown: boolean;
  /** What an attach gave of a line that the log may have lost the beginning of. */
  readonly #unfinished: NonNullable<Taken["unfinished"]>;
  /** Of the newest record before the cut, and the bounds of the cut, ms of the engine's clock. */
  #newestMs = Number.NEGATIVE_INFINITY;
  readonly #fromMs: number;
  readonly #untilMs: number;
  #wasPrinting: boolean;

  private constructor(cut: Cut, memory: EngineMemory, isDown: boolean, unfinished: Taken["unfinished"]) {
    this.#cut = cut;
    this.#memory = memory;
    this.#isDown = isDown;
    this.#unfinished = memory.isWhole ? { ...unfinished } : {};
    this.#fromMs = cut.fromMs + memory.aheadMs[0];
    this.#untilMs = cut.toMs + memory.aheadMs[1];
    this.#wasPrinting = cut.silentMs < busyMs;
  }

  /** undefined: the engine is the one that was read from before, and has all of it. */
  static behind(
    cut: Cut,
    memory: EngineMemory,
    isDown: boolean,
    unfinished: Taken["unfinished"],
  ): EngineCut | undefined {
    if (!memory.wasAttached) return new EngineCut(cut, memory, isDown, unfinished);
    cut.isTold = true;
    return undefined;
  }

  /** The log is read on behind this record, and all that was taken. */
  beginsBehind(record: Stamp | undefined): void {
    if (record !== undefined) this.#newestMs = toMs(record.seconds, record.nanos);
  }

  /** Whether the record is the first one that came after it; to be asked for each record in order. */
  isBefore({ seconds, nanos }: LogRecord): boolean {
    const ms = toMs(seconds, nanos);
    if (ms > this.#untilMs || (ms > this.#fromMs && ms > this.#newestMs + awayMs)) return true;
    this.#newestMs = Math.max(this.#newestMs, ms);
    this.#wasPrinting ||= ms > this.#fromMs - busyMs;
    return false;
  }

  /** The log has a whole line more of this stream: with it, the text whose end had not come. */
  hasLine(stream: StreamName): void {
    delete this.#unfinished[stream];
  }

  /**
   * What there is of the line in the middle of which it happened; `logged`: of it in the log. Nothing where lines may be
   * missing behind it and others follow: half a line would look like a whole one.
   */
  beginning(stream: StreamName, logged: Uint8Array | undefined): Uint8Array | undefined {
    if (this.#wasPrinting && !this.#endedAway) return undefined;
    const seen = this.#unfinished[stream];
    return (seen?.length ?? 0) > (logged?.length ?? 0) ? seen : logged;
  }

  /** The lines taken are more than the log has. */
  wasAhead(): void {
    this.#wasPrinting = true;
  }

  /** Why lines may be missing; undefined: none are. To be asked once. */
  tell(): string | undefined {
    this.#cut.isTold = true;
    if (this.#endedAway) return whileAwayReason;
    return this.#wasPrinting ? whilePrintingReason : undefined;
  }

  get #endedAway(): boolean {
    const { sawEnd, sawStart } = this.#memory;
    return !sawEnd && (this.#isDown || sawStart);
  }
}

const toMs = (seconds = 0, nanos = 0): number => seconds * 1000 + nanos / 1e6;
