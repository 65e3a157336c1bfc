// Looking for something in a whole log. The server looks; this steers: one search runs through all of it and counts,
// and next/previous ask from the place one is at, so they answer before the count is complete.
import { batch, signal } from "@preact/signals";
import type { LogFilter } from "../model/api-types.ts";
import { noFilter } from "../model/api-types.ts";
import type { FindQuery } from "../model/matcher.ts";
import { searchLog } from "../net/api.ts";

/** Matches counted before it becomes "more than", and those whose places are kept for the strip. */
const matchesMax = 100_000;
/** A query is looked for when typing has rested, in ms. */
const typingMs = 180;

export interface FindState {
  /** Matching lines found so far, and whether there are more than were counted. */
  readonly found: number;
  readonly more: boolean;
  /** 0 to 1: how much of the log the count has seen. */
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
  readonly current = signal<number | undefined>(undefined);
  readonly #taskId: string;
  readonly #seqs: number[] = [];
  #filter: LogFilter = noFilter;
  #counting = new AbortController();
  #stepping = new AbortController();
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(taskId: string) {
    this.#taskId = taskId;
  }

  close(): void {
    clearTimeout(this.#typing);
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
    if (query.text !== "") this.#typing = setTimeout(() => void this.#count(), afterMs);
  }

  /** The number of the current match among those found; undefined: not known (yet). */
  get ordinal(): number | undefined {
    const current = this.current.value;
    if (current === undefined || this.state.value.more) return undefined;
    const at = this.#seqs.indexOf(current);
    return at < 0 ? undefined : at + 1;
  }

  /** Goes to the next matching line from `from` on (inclusive), around the end if there is none. undefined: there is none at all. */
  async step(direction: "next" | "prev", from: number, lastSeq: number): Promise<number | undefined> {
    if (this.query.peek().text === "") return undefined;
    this.#stepping.abort();
    this.#stepping = new AbortController();
    const { signal: stop } = this.#stepping;
    this.#note({ busy: true });
    try {
      const around = direction === "next" ? 1 : lastSeq;
      const start = Math.min(lastSeq, Math.max(1, from));
      const found =
        (from >= 1 && from <= lastSeq ? await this.#first(direction, start, stop) : undefined) ??
        (await this.#first(direction, around, stop));
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

  async #first(direction: "next" | "prev", from: number, stop: AbortSignal): Promise<number | undefined> {
    for await (const step of searchLog(
      this.#taskId,
      this.query.peek(),
      { from, direction, limit: 1 },
      this.#filter,
      stop,
    )) {
      const match = step.matches?.[0];
      if (match !== undefined) return match.seq;
    }
    return undefined;
  }

  async #count(): Promise<void> {
    this.#counting = new AbortController();
    const { signal: stop } = this.#counting;
    const range = { from: 1, direction: "next" as const, limit: matchesMax };
    try {
      for await (const step of searchLog(this.#taskId, this.query.peek(), range, this.#filter, stop)) {
        for (const { seq } of step.matches ?? []) this.#seqs.push(seq);
        const { scannedTo = 0, of = 0 } = step;
        this.#note({
          found: this.#seqs.length,
          more: this.#seqs.length >= matchesMax,
          ...(of > 0 ? { progress: Math.min(1, scannedTo / of) } : {}),
        });
      }
      this.#note({ done: true, progress: 1 });
    } catch (thrown) {
      if (!stop.aborted)
        this.#note({ done: true, error: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }

  #note(change: Partial<FindState>): void {
    this.state.value = { ...this.state.peek(), ...change };
  }
}
