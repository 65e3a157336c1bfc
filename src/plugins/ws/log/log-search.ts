// Looks for a text through a whole log, from a place on or back from it, and says all along how far it has come.

import { searchProgressMs } from "../../../core/base/limits.ts";
import { formatStamp } from "../../../core/base/stamp.ts";
import { LineBatch } from "../../../core/log/line-batch.ts";
import type { LineFilter } from "../../../core/search/line-filter.ts";
import { matchingTurn } from "../../../core/search/matching-turns.ts";
import type { TextMatcher } from "../../../core/search/text-matcher.ts";
import { firstSeqOf, type LogRange, lastSeqOf, smallParts } from "./log-range.ts";

/** Places in one line that are told. */
const rangesMax = 100;
/** Matches told in one step. */
const stepMatches = 1000;

export interface SearchRequest {
  readonly matcher: TextMatcher;
  /** Searches only among the lines of this filter. */
  readonly filter: LineFilter | undefined;
  /** Inclusive in both directions. */
  readonly from: number;
  readonly direction: "next" | "prev";
  /** Matching lines at most. */
  readonly limit: number;
}

interface Match {
  readonly seq: number;
  /** RFC 3339. */
  readonly time: string;
  /** The ranges in UTF-16 units of the line's text without terminal escapes. */
  readonly ranges: Array<[start: number, end: number]>;
}

export type SearchStep =
  | { readonly scannedTo: number; readonly of: number; readonly matches: readonly Match[] }
  | { readonly done: true; readonly reason: "end" | "limit" };

/** Steps in the order of the search; `done` is the last. */
export async function* searchLog(
  range: LogRange,
  request: SearchRequest,
  signal: AbortSignal,
): AsyncGenerator<SearchStep> {
  const { direction, from, limit } = request;
  const { nextSeq } = await range.info();
  const of = nextSeq - 1;
  const isBack = direction === "prev";
  const stretches = isBack ? range.backwards(1, Math.min(from, of)) : range.forwards(from, of);
  let matches: Match[] = [];
  let found = 0;
  let toldMs = performance.now();
  for await (const stretch of stretches) {
    for (const part of smallParts(stretch, isBack)) {
      if (part instanceof LineBatch) {
        const added = await matchesIn(part, request, limit - found, signal);
        matches.push(...added);
        found += added.length;
      }
      const isLast = found >= limit;
      const scannedTo = isLast ? (matches.at(-1)?.seq ?? 0) : isBack ? firstSeqOf(part) : lastSeqOf(part);
      const isDue = performance.now() - toldMs >= searchProgressMs;
      if (isLast || isDue || matches.length >= stepMatches) {
        yield { scannedTo, of, matches };
        matches = [];
        toldMs = performance.now();
      }
      if (isLast) {
        yield { done: true, reason: "limit" };
        return;
      }
    }
  }
  yield { scannedTo: isBack ? 1 : of, of, matches };
  yield { done: true, reason: "end" };
}

async function matchesIn(
  batch: LineBatch,
  request: SearchRequest,
  limit: number,
  signal: AbortSignal,
): Promise<Match[]> {
  const { matcher, filter, direction } = request;
  let indexes = await matcher.matches(batch, signal);
  if (filter !== undefined && indexes.length > 0) {
    const wanted = new Set(await filter.select(batch, signal));
    indexes = indexes.filter((index) => wanted.has(index));
  }
  if (direction === "prev") indexes.reverse();
  const matches: Match[] = [];
  for (const index of indexes.slice(0, limit)) {
    const turn = matchingTurn();
    if (turn !== undefined) await turn;
    signal.throwIfAborted();
    matches.push({
      seq: batch.firstSeq + index,
      time: formatStamp(batch.seconds[index] as number, batch.nanos[index] as number),
      ranges: matcher.ranges(batch.textAt(index), rangesMax),
    });
  }
  return matches;
}
