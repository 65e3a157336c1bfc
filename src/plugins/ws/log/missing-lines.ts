// Which lines an answer of plain text lacks. The text itself has no place for that, so the head says what is missing at
// the beginning, and a trailer of the same name what turned out to be missing behind it.

import { LineBatch } from "../../../core/log/line-batch.ts";
import type { LogGap } from "../../../core/log/log-item.ts";
import type { Stretch } from "./log-range.ts";

export const missingHeader = "tasklog-missing";

/** The largest number of gaps that are named, about 4 KiB: clients refuse heads and trailers beyond 16 KiB. */
const namedGapsMax = 100;

export class MissingLines {
  readonly #ranges: string[] = [];
  #isMore = false;
  #lastSeq = 0;

  /** A gap that was told already is not told again. */
  add({ fromSeq, toSeq }: LogGap): void {
    if (toSeq <= this.#lastSeq) return;
    this.#lastSeq = toSeq;
    if (this.#ranges.length < namedGapsMax) this.#ranges.push(`${fromSeq}-${toSeq}`);
    else this.#isMore = true;
  }

  /** Returns the fields for a head or a trailer; none, where nothing is missing. What was told is forgotten. */
  take(): Record<string, string> {
    const ranges = this.#ranges.splice(0);
    return ranges.length === 0 ? {} : { [missingHeader]: ranges.join(", ") + (this.#isMore ? ", more" : "") };
  }
}

/** Adds the gap that the log begins with, if any, and gives the whole again, from its beginning. */
export async function lookAhead(
  stretches: AsyncGenerator<Stretch>,
  missing: MissingLines,
): Promise<AsyncGenerator<Stretch>> {
  const first = await stretches.next();
  if (!first.done && !(first.value instanceof LineBatch)) missing.add(first.value);
  return again();

  async function* again(): AsyncGenerator<Stretch> {
    if (!first.done) yield first.value;
    yield* stretches;
  }
}
