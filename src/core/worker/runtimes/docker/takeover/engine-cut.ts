// Where an engine ended in the middle of a container's output, and what that has cost. What it had read by then and neither
// logged nor delivered is gone (seen with 20.10: 150 000 lines, 1 MB); so is what a container prints after that and before
// the next engine comes, if it ends meanwhile. The log goes on as if nothing were missing.
//
// What is known: nothing is lost where the engine is the same one as before (only the connection broke), or has told the
// container's end itself. What cannot be known is whether anything was on its way in the last moment: a container that had
// printed within `busyMs` may have lost lines, and is told so; of one that was silent it is taken that it lost none.
import type { StreamName } from "../../../../log/line-batch.ts";
import type { Taken } from "../../runtime.ts";
import type { LogRecord } from "../container-logs.ts";
import type { EngineMemory } from "./engine-memory.ts";

/** Whoever has printed within this time before the end, in ms, may have been printing in the moment of it. */
const busyMs = 1000;

const WHILE_PRINTING =
  "perhaps none: the engine ended while the task printed, and what it had in memory is gone";
const WHILE_AWAY =
  "perhaps none: the container ended while the engine was away, and nobody read what it printed";

/** Between the end of an output and the moment in which a takeover has told what it cost. */
export interface Cut {
  /** When the reader noticed, ms of the Unix epoch. */
  readonly ms: number;
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
  /** Of the newest line before the cut, ms of the Unix epoch. */
  #newestMs = Number.NEGATIVE_INFINITY;

  private constructor(cut: Cut, memory: EngineMemory, isDown: boolean, taken: Taken) {
    this.#cut = cut;
    this.#memory = memory;
    this.#isDown = isDown;
    this.#unfinished = memory.isWhole ? { ...taken.unfinished } : {};
  }

  /** undefined: the engine is the one that was read from before, and has all of it. */
  static async behind(
    cut: Cut,
    memory: EngineMemory,
    isDown: boolean,
    taken: Taken,
  ): Promise<EngineCut | undefined> {
    if (memory.wasAttached) {
      cut.isTold = true;
      return undefined;
    }
    const found = new EngineCut(cut, memory, isDown, taken);
    for (const { seconds, nanos, count } of await taken.lastLines(1)) {
      if (count > 0) found.#add(seconds[count - 1], nanos[count - 1]);
    }
    return found;
  }

  /** Whether the record is the first one that came after it; to be asked for each record in order. */
  isBefore({ seconds, nanos }: LogRecord): boolean {
    if (toMs(seconds, nanos) > this.#cut.ms) return true;
    this.#add(seconds, nanos);
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
    this.#newestMs = this.#cut.ms;
  }

  /** Why lines may be missing; undefined: none are. To be asked once. */
  tell(): string | undefined {
    this.#cut.isTold = true;
    if (this.#endedAway) return WHILE_AWAY;
    return this.#wasPrinting ? WHILE_PRINTING : undefined;
  }

  get #endedAway(): boolean {
    const { sawEnd, sawStart } = this.#memory;
    return !sawEnd && (this.#isDown || sawStart);
  }

  get #wasPrinting(): boolean {
    return this.#newestMs > this.#cut.ms - busyMs;
  }

  #add(seconds: number | undefined, nanos: number | undefined): void {
    this.#newestMs = Math.max(this.#newestMs, toMs(seconds, nanos));
  }
}

const toMs = (seconds = 0, nanos = 0): number => seconds * 1000 + nanos / 1e6;
