// The place of one reader in a task's log: which log it is (its epoch) and the seq that it wants next. A reader notes each
// item that it passes on; after a break it goes on at `nextSeq`, so no line comes twice and none is left out.
//
// It keeps no line and asks nobody. Who only reads on within one log needs `seqAfter` alone.
import type { LineBatch } from "./line-batch.ts";
import type { LogGap, LogItem, LogStart } from "./log-item.ts";

/** An item that takes numbers: lines, or a gap in their place. */
export type NumberedItem = { kind: "batch"; batch: LineBatch } | ({ kind: "gap" } & LogGap);

/** The seq behind the last line of a batch, or behind a gap. */
export function seqAfter(item: NumberedItem): number {
  return (item.kind === "batch" ? item.batch.lastSeq : item.toSeq) + 1;
}

export class SeqCursor {
  /** The name of the log that `nextSeq` belongs to; empty: not known. */
  epoch: string;
  /** The seq that comes next; 0 before the first `start`, unless the reader began with one. */
  nextSeq: number;

  constructor({ epoch = "", nextSeq = 0 }: { epoch?: string; nextSeq?: number } = {}) {
    this.epoch = epoch;
    this.nextSeq = nextSeq;
  }

  /** Goes on behind the item. A `start` puts the cursor where the stream begins, also in another log. */
  note(item: LogItem): void {
    if (item.kind === "start") {
      this.epoch = item.epoch;
      this.nextSeq = item.firstSeq;
    } else if (item.kind === "batch" || item.kind === "gap") {
      this.nextSeq = Math.max(this.nextSeq, seqAfter(item));
    }
  }

  /** Returns the part of an item that is ahead of the cursor; undefined where all of it is known. */
  unseen(item: LogItem): LogItem | undefined {
    if (item.kind === "gap") return item.toSeq < this.nextSeq ? undefined : item;
    if (item.kind !== "batch") return item;
    const known = this.nextSeq - item.batch.firstSeq;
    if (known <= 0) return item;
    if (known >= item.batch.count) return undefined;
    return { kind: "batch", batch: item.batch.slice(known, item.batch.count) };
  }

  /** True if a `start` says something to this reader: it is the first one, or the log was begun anew. */
  isNews(start: LogStart): boolean {
    return this.nextSeq === 0 || !start.recovered;
  }

  /** True if that log is known to be another one. */
  isOther(epoch: string): boolean {
    return this.epoch !== "" && epoch !== "" && epoch !== this.epoch;
  }
}
