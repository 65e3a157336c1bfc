// Looking for something in a whole log, or in several that are shown as one. The server looks; this steers: one search
// runs through all of each log and counts, and next/previous ask from the place one is at, so they answer before the
// count is complete. Of the first matches of several logs the next one is the one with the nearest time.

import { batch, signal } from "@preact/signals";
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import type { LogFilter } from "../model/api-types.ts";
import { noFilter } from "../model/api-types.ts";
import type { FindQuery } from "../model/matcher.ts";
import { searchLog } from "../net/api.ts";

/** Matches counted in one log before it becomes "more than", and whose places are kept. */
const matchesMax = 100_000;
/** A query is looked for when typing has rested, in ms. */
const typingMs = 180;

export type FindDirection = "next" | "prev";

/** A line that matches. */
export interface Found {
  readonly taskId: string;
  readonly seq: number;
  /** RFC 3339. */
  readonly time: string;
}

/** The place to look on from in one log: the first line to look at. */
export interface FindPlace {
  readonly taskId: string;
  readonly from: number;
  readonly lastSeq: number;
}

export interface FindState {
  /** Matching lines found so far, and whether there are more than were counted. */
  readonly found: number;
  readonly more: boolean;
  /** 0 to 1: how much of the logs the count has seen. */
  readonly progress: number;
  readonly done: boolean;
  /** A next or previous is under way. */
  readonly busy: boolean;
  readonly error: string;
}

const idle: FindState = { found: 0, more: false, progress: 0, done: false, busy: false, error: "" };
const emptyQuery: FindQuery = { text: "", regex: false, caseSensitive: false };

export class Finder {
  readonly query = signal<FindQuery>(emptyQuery);
  readonly state = signal<FindState>(idle);
  /** The matching line one is at. */
  readonly current = signal<Found | undefined>(undefined);
  readonly #taskIds: readonly string[];
  /** The seqs of a single log that were counted, for the number of the current one. */
  readonly #seqs: number[] = [];
  #filter: LogFilter = noFilter;
  #counting = new AbortController();
  #stepping = new AbortController();
  #typing: Timer | undefined;

  constructor(taskIds: readonly string[]) {
    this.#taskIds = taskIds;
  }

  close(): void {
    this.#typing?.stop();
    this.#counting.abort();
    this.#stepping.abort();
  }

  /** `afterMs` 0: at once. */
  set(query: FindQuery, filter: LogFilter, afterMs = typingMs): void {
    this.close();
    this.#filter = filter;
    this.#seqs.length = 0;
    batch(() => {
      this.query.value = query;
      this.current.value = undefined;
      this.state.value = idle;
    });
    if (query.text !== "") this.#typing = startTimer(() => void this.#count(), afterMs);
  }

  /** The number of the current match among those found; undefined: not known (yet). */
  get ordinal(): number | undefined {
    const current = this.current.value;
    if (current === undefined || this.state.value.more || this.#taskIds.length > 1) return undefined;
    const at = this.#seqs.indexOf(current.seq);
    return at < 0 ? undefined : at + 1;
  }

  /** Goes to the next matching line from these places on (inclusive), around the end if there is none. undefined: there is none at all. */
  async step(direction: FindDirection, places: readonly FindPlace[]): Promise<Found | undefined> {
    if (this.query.peek().text === "") return undefined;
    this.#stepping.abort();
    this.#stepping = new AbortController();
    const { signal: stop } = this.#stepping;
    this.#note({ busy: true });
    try {
      const around = places.map((place) => ({ ...place, from: direction === "next" ? 1 : place.lastSeq }));
      const found =
        (await this.#nearest(direction, places, stop)) ?? (await this.#nearest(direction, around, stop));
      if (stop.aborted) return undefined;
      this.current.value = found;
      this.#note({ busy: false });
      return found;
    } catch (thrown) {
      if (!stop.aborted)
        this.#note({ busy: false, error: thrown instanceof Error ? thrown.message : String(thrown) });
      return undefined;
    }
  }

  async #nearest(
    direction: FindDirection,
    places: readonly FindPlace[],
    stop: AbortSignal,
  ): Promise<Found | undefined> {
    const firsts = await Promise.all(places.map((place) => this.#first(direction, place, stop)));
    let nearest: Found | undefined;
    for (const found of firsts) {
      if (found === undefined) continue;
      // Among equal times the first log comes first, so backwards the last one does.
      const isNearer =
        nearest === undefined ||
        (direction === "next" ? found.time < nearest.time : found.time >= nearest.time);
      if (isNearer) nearest = found;
    }
    return nearest;
  }

  async #first(
    direction: FindDirection,
    { taskId, from, lastSeq }: FindPlace,
    stop: AbortSignal,
  ): Promise<Found | undefined> {
    if (from < 1 || from > lastSeq) return undefined;
    const range = { from, direction, limit: 1 };
    for await (const step of searchLog(taskId, this.query.peek(), range, this.#filter, stop)) {
      const match = "matches" in step ? step.matches[0] : undefined;
      if (match !== undefined) return { taskId, seq: match.seq, time: match.time };
    }
    return undefined;
  }

  async #count(): Promise<void> {
    this.#counting = new AbortController();
    const { signal: stop } = this.#counting;
    try {
      for (const [index, taskId] of this.#taskIds.entries()) await this.#countIn(taskId, index, stop);
      this.#note({ done: true, progress: 1 });
    } catch (thrown) {
      if (!stop.aborted)
        this.#note({ done: true, error: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }

  /** `index`: of the log among all. */
  async #countIn(taskId: string, index: number, stop: AbortSignal): Promise<void> {
    const range = { from: 1, direction: "next" as const, limit: matchesMax };
    const before = this.state.peek();
    let found = 0;
    for await (const step of searchLog(taskId, this.query.peek(), range, this.#filter, stop)) {
      if (!("matches" in step)) continue;
      const { matches, scannedTo, of } = step;
      found += matches.length;
      if (this.#taskIds.length === 1) for (const { seq } of matches) this.#seqs.push(seq);
      const part = of > 0 ? Math.min(1, scannedTo / of) : 0;
      this.#note({
        found: before.found + found,
        more: before.more || found >= matchesMax,
        ...(part > 0 && { progress: (index + part) / this.#taskIds.length }),
      });
    }
  }

  #note(change: Partial<FindState>): void {
    this.state.value = { ...this.state.peek(), ...change };
  }
}
