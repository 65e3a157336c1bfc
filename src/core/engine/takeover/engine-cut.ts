// An engine's end in the middle of a container's output, and what it has cost. What it had read by then and neither
// logged nor delivered is gone (seen with 20.10: 150 000 lines, 1 MB); so is what a container prints after that and
// before the next engine comes, if it ends meanwhile. The log goes on as if nothing were missing.
//
// Its place in the log is where the next engine began to write: the file's end as it was while no engine was there
// (log-end-watch.ts), or, where nobody has looked then, the first record that is stamped later, by the engine's own clock.
//
// What is known: nothing is lost where the engine is the same one as before (only the connection broke), or has told the
// container's end itself. What cannot be known is whether anything was on its way in the last moment: a container that had
// printed within `busyMs` may have lost lines, and is told so; of one that was silent it is taken that it lost none.
import type { StreamName } from "../../log/line-batch.ts";
import type { Taken } from "../output.ts";
import type { LogRecord } from "../records/record-format.ts";
import type { EngineMemory } from "./engine-memory.ts";
import type { Breakage } from "./output-pulse.ts";

/** Whoever has printed within this time before the end, in ms, may have been printing in the moment of it. */
const busyMs = 5000;
/**
 * The shortest silence in the log, in ms, that an engine's restart leaves: a silence that long shows where the old
 * engine ended.
 */
const awayMs = 150;

const whilePrinting =
  "perhaps none: the engine ended while the task printed, and what it had in memory is gone";
const whileAway =
  "perhaps none: the container ended while the engine was away, and nobody read what it printed";
const whileUnread =
  "perhaps none: the engine ended while no worker was there, and what it had in memory is gone";

export const halfALine =
  "perhaps none: the engine ended in the middle of a line, and who had its beginning is gone";

/** Lasts from the end of an output until a takeover has told what it cost. */
export interface Cut extends Breakage {
  readonly id: string;
  /** The memory of the engine that answers since; undefined if it has not been asked yet. */
  memory: EngineMemory | undefined;
  isTold: boolean;
  /** The ends of the log file, in bytes, as they were while no engine was there, one for each end that is not told. */
  stops: number[];
  /** The number of its places that are told. */
  told?: number;
  /** This process did not look all the time: of one of its places nothing is known. */
  isBlind?: boolean;
  /** When the engine began that was there at the first look, in ms of its own clock. */
  nextBeganMs?: number;
  /** Nobody was there to notice: when the next engine began, in ms of its own clock. */
  unreadUntilMs?: number;
}

interface CutParts {
  cut: Cut;
  memory: EngineMemory;
  isDown: boolean;
  unfinished: Taken["unfinished"];
  /** The log is one file, in which the stops are places. */
  hasStops: boolean;
  onTold: () => void;
}

export class EngineCut {
  /** The stops that were not passed yet. */
  readonly stops: number[];
  readonly onTold: () => void;
  readonly #cut: Cut;
  readonly #memory: EngineMemory;
  readonly #isDown: boolean;
  /** The unfinished lines of an attach: the log may have lost their beginning. */
  readonly #unfinished: NonNullable<Taken["unfinished"]>;
  /** Those that an earlier worker had, of which no more is known. */
  readonly #halves: Set<StreamName>;
  /** The newest record before the cut, and the bounds of the cut, ms of the engine's clock. */
  #newestMs = Number.NEGATIVE_INFINITY;
  readonly #fromMs: number;
  readonly #untilMs: number;
  #wasPrinting: boolean;
  #isPending = true;

  constructor({ cut, memory, isDown, unfinished, hasStops, onTold }: CutParts) {
    this.onTold = onTold;
    this.stops = hasStops && !cut.isBlind ? [...cut.stops] : [];
    this.#cut = cut;
    this.#memory = memory;
    this.#isDown = isDown;
    this.#unfinished = { ...unfinished };
    this.#halves = new Set(cut.begun?.filter((stream) => unfinished?.[stream] === undefined));
    const beganMs = cut.unreadUntilMs ?? cut.nextBeganMs;
    this.#fromMs = beganMs ?? cut.fromMs + memory.aheadMs[0];
    this.#untilMs = beganMs ?? cut.toMs + memory.aheadMs[1];
    this.#wasPrinting = cut.unreadUntilMs !== undefined || cut.silentMs < busyMs;
  }

  /** Names the place that comes next. */
  get id(): string {
    return placeId(this.#cut);
  }

  /** True until the last of its places has been passed. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /**
   * True if the record is the first one that came after it; to be asked for each record in order. `offset`: the end of the
   * records that were read with it, none of which is on both sides of a stop.
   */
  isBefore({ seconds = 0, nanos = 0 }: LogRecord, offset: number | undefined): boolean {
    const ms = seconds * 1000 + nanos / 1e6;
    const [stop] = this.stops;
    const isPast =
      stop !== undefined && offset !== undefined
        ? offset > stop
        : ms > this.#untilMs || (ms > this.#fromMs && ms > this.#newestMs + awayMs);
    if (isPast) return true;
    this.#newestMs = Math.max(this.#newestMs, ms);
    this.#wasPrinting ||= ms > this.#fromMs - busyMs;
    return false;
  }

  /** The log has a whole line more of this stream: with it, the text whose end had not come. */
  hasLine(stream: StreamName): void {
    delete this.#unfinished[stream];
    this.#halves.delete(stream);
  }

  /** The text that an attach gave of the line in the middle of which it happened. */
  unfinished(stream: StreamName): Uint8Array | undefined {
    return this.#unfinished[stream];
  }

  /** The lines taken are more than the log has. */
  wasAhead(): void {
    this.#wasPrinting = true;
  }

  /** Passes one of its places. Returns why lines may be missing there; undefined: none are. */
  tell(): string | undefined {
    this.stops.shift();
    this.#isPending = this.stops.length > 0;
    pass(this.#cut);
    this.#cut.isTold = !this.#isPending;
    const hasHalf = this.#halves.size > 0;
    this.#halves.clear();
    if (this.#cut.unreadUntilMs !== undefined) return whileUnread;
    if (this.#endedAway) return whileAway;
    if (this.#wasPrinting) return whilePrinting;
    return hasHalf ? halfALine : undefined;
  }

  get #endedAway(): boolean {
    const { sawEnd, sawStart } = this.#memory;
    return !sawEnd && (this.#isDown || sawStart);
  }
}

/** Leaves out the places that a gap tells of already. Returns the rest; undefined if that is nothing. */
export function withoutTold(cut: Cut, isTold: (placeId: string) => boolean): Cut | undefined {
  while (isTold(placeId(cut))) {
    pass(cut);
    if (cut.stops.length === 0) return undefined;
  }
  return cut;
}

const placeId = ({ id, told = 0 }: Cut): string => `${id}/${told}`;

function pass(cut: Cut): void {
  cut.told = (cut.told ?? 0) + 1;
  cut.stops.shift();
  delete cut.begun;
}
