// Rows that are not known in advance (what passes a filter, several logs merged by time): a window of them that grows
// at both ends while one scrolls, and is let go at the other end. The two kinds say how to get more; this keeps them.
import { startTimer } from "../../../../core/base/wait.ts";
import type { Row } from "../model/line.ts";
import { Changes, type RowSource } from "./row-source.ts";

export interface Entry {
  readonly key: number;
  readonly row: Row;
}

export interface Piece {
  readonly entries: Entry[];
  /** There is nothing more this way at present. */
  readonly done: boolean;
}

/** Rows kept, and how near to an end of the window more is got. */
const entriesMax = 40_000;
const marginEntries = 250;
const waiting: Row = { kind: "waiting" };

export abstract class WindowRows implements RowSource {
  readonly changes = new Changes();
  protected entries: Entry[] = [];
  protected olderDone = false;
  protected newerDone = false;
  protected gone = new AbortController();
  #olderBusy = false;
  #newerBusy = false;
  #readers = 0;

  protected abstract older(signal: AbortSignal): Promise<Piece>;
  protected abstract newer(signal: AbortSignal): Promise<Piece>;
  /** Entries left the window: take the place to go on from back to them. */
  protected abstract forget(entries: Entry[], end: "older" | "newer"): void;
  /** The whole and the place of a key in it, while the window is not all of it. */
  protected abstract whole(): { extent: number; positionOf(key: number): number };
  abstract seek(key: number): Promise<number | undefined>;
  abstract seekStart(): Promise<number | undefined>;
  abstract seekEnd(): Promise<void>;

  close(): void {
    this.gone.abort();
  }

  /** Something is being looked for at this end. */
  get busy(): boolean {
    return this.#olderBusy || this.#newerBusy;
  }

  get #complete(): boolean {
    return this.olderDone && this.newerDone;
  }

  get extent(): number {
    return this.#complete ? this.entries.length : this.whole().extent;
  }

  positionOf(key: number): number {
    return this.#complete ? this.#indexOf(key) : this.whole().positionOf(key);
  }

  keyAt(position: number): number | undefined {
    if (this.#complete)
      return this.entries[Math.min(this.entries.length - 1, Math.max(0, Math.floor(position)))]?.key;
    return this.entries[this.#nearest(position)]?.key;
  }

  firstKey(): number | undefined {
    return this.entries[0]?.key;
  }

  lastKey(): number | undefined {
    return this.entries.at(-1)?.key;
  }

  next(key: number): number | undefined {
    const at = this.#indexOf(key);
    return this.entries[this.entries[at]?.key === key ? at + 1 : at]?.key;
  }

  prev(key: number): number | undefined {
    return this.entries[this.#indexOf(key) - 1]?.key;
  }

  row(key: number): Row {
    const entry = this.entries[this.#indexOf(key)];
    return entry?.key === key ? entry.row : waiting;
  }

  want(fromKey: number, toKey: number): void {
    if (!this.olderDone && this.#indexOf(fromKey) < marginEntries) void this.readOlder();
    if (!this.newerDone && this.#indexOf(toKey) > this.entries.length - marginEntries) void this.readNewer();
  }

  /** Begins anew; what is under way for the old window is dropped. */
  protected reset(): void {
    this.gone.abort();
    this.gone = new AbortController();
    this.#readers += 1;
    this.entries = [];
    this.olderDone = false;
    this.newerDone = false;
    this.#olderBusy = false;
    this.#newerBusy = false;
  }

  protected async readOlder(): Promise<void> {
    if (this.#olderBusy || this.gone.signal.aborted) return;
    this.#olderBusy = true;
    const piece = await this.#read(
      (signal) => this.older(signal),
      () => {
        this.#olderBusy = false;
      },
    );
    if (piece === undefined) return;
    this.olderDone = piece.done;
    this.entries = [...piece.entries, ...this.entries];
    if (this.entries.length > entriesMax) {
      this.forget(this.entries.splice(entriesMax), "newer");
      this.newerDone = false;
    }
    this.changes.tell();
  }

  protected async readNewer(): Promise<void> {
    if (this.#newerBusy || this.gone.signal.aborted) return;
    this.#newerBusy = true;
    const piece = await this.#read(
      (signal) => this.newer(signal),
      () => {
        this.#newerBusy = false;
      },
    );
    if (piece === undefined) return;
    this.newerDone = piece.done;
    for (const entry of piece.entries) this.entries.push(entry);
    if (this.entries.length > entriesMax) {
      this.forget(this.entries.splice(0, this.entries.length - entriesMax), "older");
      this.olderDone = false;
    }
    this.changes.tell();
  }

  /** undefined: it failed or is of an older window. After a failure the next wish tries again, a second later. */
  async #read(read: (signal: AbortSignal) => Promise<Piece>, over: () => void): Promise<Piece | undefined> {
    const reader = this.#readers;
    try {
      const piece = await read(this.gone.signal);
      if (reader !== this.#readers) return undefined;
      over();
      return piece;
    } catch {
      if (reader === this.#readers && !this.gone.signal.aborted) {
        startTimer(() => {
          if (reader !== this.#readers) return;
          over();
          this.changes.tell();
        }, 1000);
      }
      return undefined;
    }
  }

  /** The index of the key, or of the first one behind it. */
  #indexOf(key: number): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle] as Entry).key < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #nearest(position: number): number {
    const { positionOf } = this.whole();
    let [low, high] = [0, Math.max(0, this.entries.length - 1)];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (positionOf((this.entries[middle] as Entry).key) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
