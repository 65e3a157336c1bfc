// Finds where in a container's log file one engine ended and the next one began: the file's size as it was last seen before
// the next engine left its trace (client/engine-trace.ts), which it does before it writes. No clock takes part but for one
// question: whether this process has looked all the time.
import { statSync } from "node:fs";
import { startInterval, type Timer } from "../../base/wait.ts";
import type { EngineAddress } from "../client/engine-address.ts";
import { engineTrace } from "../client/engine-trace.ts";
import type { Cut } from "./engine-cut.ts";

/** The time between two looks for an engine that has gone or come back, in ms: far less than an engine takes to start. */
const lookMs = 50;
/** An engine takes longer to come than this, in ms: one that came after a longer pause of this process may have written already. */
const pauseMsMax = 250;

export class LogEndWatch implements Disposable {
  readonly #address: EngineAddress;
  readonly #path: string;
  readonly #cut: Cut;
  readonly #onFound: () => void;
  readonly #timer: Timer;
  #traceId: string;
  #bytes: number | undefined;
  #lookedMs = performance.now();

  /** `path`: the log file. `traceId`: of the engine that has ended. `onFound`: the cut knows more. */
  constructor(address: EngineAddress, path: string, traceId: string, cut: Cut, onFound: () => void) {
    this.#address = address;
    this.#path = path;
    this.#traceId = traceId;
    this.#cut = cut;
    this.#onFound = onFound;
    this.#timer = startInterval(() => this.#look(), lookMs);
    this.#timer.unref();
    this.#look();
  }

  /** Looks a last time. */
  [Symbol.dispose](): void {
    this.#look();
    this.#timer.stop();
  }

  /** The size is taken before the trace is looked at: what it counts was written before another engine came. */
  #look(): void {
    const bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    const trace = engineTrace(this.#address);
    const pausedMs = performance.now() - this.#lookedMs;
    this.#lookedMs = performance.now();
    if (trace === undefined || trace.id === this.#traceId) {
      this.#bytes = bytes;
      return;
    }
    if (this.#bytes === undefined || pausedMs > pauseMsMax) {
      this.#cut.isBlind = true;
      this.#cut.nextBeganMs ??= trace.beganMs;
    } else this.#cut.stops.push(this.#bytes);
    this.#traceId = trace.id;
    this.#bytes = undefined;
    this.#onFound();
  }
}
