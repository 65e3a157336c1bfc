// Where in the lines read from the engine's log the lines of an attach begin that was made meanwhile: the second pure
// half of a takeover. Attach may begin in the middle of a line, so its first one stands for any.
//
// The log lags behind an attach, but not for long: so it has those lines of the attach by now that came a while ago. If
// nothing has come for a while, both end at the same line, which needs no recognising at all. What repeats so that its
// place cannot be told waits for either.
//
// A log that rotated away while it was read is closed: no more of it comes. Then the attach may also begin behind its
// last line, with others between; only lines that tell something show where it begins.
import { commonPrefixes } from "./common-runs.ts";

export interface Join {
  /** Lines at the beginning of the attach that the log gave already, or that may lack their beginning: at least one. */
  skip: number;
  isCertain: boolean;
}

export interface JoinState {
  /** How many of the lines of the attach the log is sure to have. */
  settled: number;
  /** Log and attach have been read to their ends, and nothing came for a while. */
  quiet?: boolean;
  /** No more of the log comes. */
  closed?: boolean;
  /** It must be decided now. */
  must?: boolean;
}

/** So many different lines are at one place only by chance. */
const tellingLines = 8;
/** Lines looked at for that. */
const lookedAtLines = 64;

/**
 * `logged`: lines of the log behind one that was there before the attach: no line of the attach is before them. `live`:
 * whole lines of the attach. undefined: not known yet.
 */
export function findJoin(
  logged: ArrayLike<number>,
  live: ArrayLike<number>,
  { settled, quiet = false, closed = false, must = false }: JoinState,
): Join | undefined {
  if (live.length === 0) return undefined;
  const { length } = logged;
  const common = commonPrefixes(Array.from(live).slice(1), Array.from(logged));
  const overlapAt = (at: number): number => Math.min(live.length, length - at);
  const fits = (at: number): boolean => (common[at + 1] as number) >= overlapAt(at) - 1;
  const isTelling = (at: number): boolean =>
    new Set(Array.from(live).slice(1, Math.min(overlapAt(at), lookedAtLines))).size >= tellingLines;

  if (quiet && !closed && live.length <= length && fits(length - live.length)) {
    return { skip: live.length, isCertain: true };
  }
  const places: number[] = [];
  for (let at = 0; at < length; at++) {
    if (fits(at) && (closed || overlapAt(at) >= settled)) places.push(at);
  }
  const [first] = places;
  // Of a line alone nothing is known: it may lack its beginning.
  const isCertain = closed
    ? places.filter(isTelling).length === 1 && isTelling(first as number)
    : places.length === 1 && settled > 0 && overlapAt(first as number) > 1;
  const isDecided = isCertain || must || (closed && (quiet || length === 0 || live.length >= lookedAtLines));
  if (!isDecided) return undefined;
  // The earliest place skips most: nothing is repeated. Behind a log that is closed an attach that fits nowhere begins
  // anew; in one that goes on it has a place that was not recognised.
  if (first !== undefined) return { skip: length - first, isCertain };
  return { skip: closed ? 1 : Math.max(1, length), isCertain: false };
}
