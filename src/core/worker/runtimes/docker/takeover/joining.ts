// One stream in the moment between the engine's log and an attach: what the log gave since, what the attach has
// delivered, and, as soon as the two are found to overlap, the rest that only the attach has.
import { lineBytesMax } from "../../../../limits.ts";
import { findJoin } from "./find-join.ts";
import { keyOf } from "./line-key.ts";

const NEWLINE = 10;

export class Joining {
  isJoined = false;
  readonly #logged: number[] = [];
  readonly #liveKeys: number[] = [];
  /** When each of them came, in ms. */
  readonly #liveMs: number[] = [];
  /** Whole lines, of the first of which the attach may have only the end; and what has no newline yet. */
  #live: Uint8Array[] = [];
  #unfinished: Uint8Array[] = [];
  #unfinishedBytes = 0;
  #liveBytes = 0;
  /** Lines that are still to come from the attach and were taken from the log. */
  #skip = 0;

  /** Bytes held. */
  get bytes(): number {
    return this.#liveBytes + this.#unfinishedBytes;
  }

  /** Whether there is anything to be joined. */
  get isWaiting(): boolean {
    return !this.isJoined && this.#liveKeys.length > 0;
  }

  addLogged(line: Uint8Array): void {
    if (!this.isJoined) this.#logged.push(keyOf(line));
  }

  addLive(bytes: Uint8Array): void {
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.#unfinished.push(bytes.subarray(from, end + 1));
      from = end + 1;
      const line = this.#unfinished.length === 1 ? (this.#unfinished[0] as Uint8Array) : this.#held();
      this.#unfinished = [];
      this.#unfinishedBytes = 0;
      this.#liveKeys.push(this.#live.length === 0 ? 0 : keyOf(line));
      this.#live.push(line);
      this.#liveMs.push(performance.now());
      this.#liveBytes += line.length;
    }
    if (from === bytes.length) return;
    this.#unfinished.push(bytes.subarray(from));
    this.#unfinishedBytes += bytes.length - from;
  }

  /**
   * Tries to join; returns what only the attach has, and whether the place is certain. The log has what came before
   * `settledMs`. See find-join.ts.
   */
  join(state: {
    settledMs: number;
    quiet: boolean;
    must: boolean;
  }): { rest: Uint8Array; isCertain: boolean } | undefined {
    const unsettled = this.#liveMs.findIndex((ms) => ms > state.settledMs);
    const settled = unsettled === -1 ? this.#liveMs.length : unsettled;
    const found = findJoin(this.#logged, this.#liveKeys, { ...state, settled });
    if (found === undefined) return undefined;
    this.isJoined = true;
    this.#skip = Math.max(0, found.skip - this.#live.length);
    const unfinished = this.pass(this.#held());
    const rest = Buffer.concat([...this.#live.slice(found.skip), unfinished]);
    this.#release();
    return { rest, isCertain: found.isCertain };
  }

  /**
   * Of a stream that had printed nothing when it might have been joined: the first line of the attach, which may lack its
   * beginning, and what follows it. undefined: it has no end yet.
   */
  begin(bytes: Uint8Array): { first: Uint8Array; rest: Uint8Array } | undefined {
    this.addLive(bytes);
    const [first] = this.#live;
    if (first === undefined && this.#unfinishedBytes <= lineBytesMax) return undefined;
    const rest = Buffer.concat([...this.#live.slice(1), ...(first === undefined ? [] : [this.#held()])]);
    const begun = { first: first ?? this.#held(), rest };
    this.isJoined = true;
    this.#release();
    return begun;
  }

  /** What has come without a newline. */
  get unfinished(): Uint8Array {
    return this.#held();
  }

  /** What of the bytes of an attach that is joined the log has not given. */
  pass(bytes: Uint8Array): Uint8Array {
    let from = 0;
    while (this.#skip > 0) {
      const end = bytes.indexOf(NEWLINE, from);
      if (end === -1) return bytes.subarray(bytes.length);
      this.#skip--;
      from = end + 1;
    }
    return bytes.subarray(from);
  }

  #held(): Uint8Array {
    return Buffer.concat(this.#unfinished);
  }

  #release(): void {
    this.#live = [];
    this.#unfinished = [];
    this.#unfinishedBytes = 0;
    this.#logged.length = 0;
    this.#liveKeys.length = 0;
    this.#liveMs.length = 0;
    this.#liveBytes = 0;
  }
}
