// Pauses for addresses whose connections were ended for flooding. The runtime ends a connection that sends frames for
// nothing, such as streams that are reset at once; whoever then opens the next one, and the next, would keep the loop
// busy all the same. So for a while the connections of such an address are taken one after the other, with pauses that
// grow by each that floods. Nobody is refused before the wait is long: others may share that address.
import { floodersMax, floodMemoryMs, floodPauseMs, floodSpaceMs, floodWaitMsMax } from "../../base/limits.ts";

interface Flooder {
  /** The moment at which the next connection is taken, and that at which all is forgotten, by `performance.now`. */
  nextMs: number;
  endsMs: number;
}

export class FloodPauses {
  readonly #flooders = new Map<string, Flooder>();

  /** A connection of that address was ended for flooding. */
  blame(address: string, nowMs = performance.now()): void {
    const known = this.#flooders.get(address);
    this.#flooders.delete(address);
    const nextMs = Math.max(known?.nextMs ?? 0, nowMs) + floodPauseMs;
    this.#flooders.set(address, { nextMs, endsMs: nextMs + floodMemoryMs });
    const [oldest] = this.#flooders.keys();
    if (this.#flooders.size > floodersMax && oldest !== undefined) this.#flooders.delete(oldest);
  }

  /** The time that a new connection of that address waits before it is read, in ms; undefined: it is not taken. */
  wait(address: string, nowMs = performance.now()): number | undefined {
    const flooder = this.#flooders.get(address);
    if (flooder === undefined) return 0;
    if (nowMs >= flooder.endsMs) {
      this.#flooders.delete(address);
      return 0;
    }
    const startMs = Math.max(flooder.nextMs, nowMs);
    if (startMs - nowMs > floodWaitMsMax) return undefined;
    flooder.nextMs = startMs + floodSpaceMs;
    return startMs - nowMs;
  }
}
