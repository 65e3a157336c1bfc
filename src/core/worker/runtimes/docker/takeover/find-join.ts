// Where in the lines read from the engine's log the lines of an attach begin that was made meanwhile: the second pure
// half of a takeover. Attach may begin in the middle of a line, so its first one stands for any.
//
// The log lags behind an attach, but not for long: so it has those lines of the attach by now that came a while ago. If
// nothing has come for a while, both end at the same line, which needs no recognising at all. What repeats so that its
// place cannot be told waits for either.
import { commonPrefixes } from "./common-runs.ts";

export interface Join {
  /** Lines at the beginning of the attach that the log gave already: at least one. */
  skip: number;
  isCertain: boolean;
}

export interface JoinState {
  /** How many of the lines of the attach the log is sure to have. */
  settled: number;
  /** Log and attach have been read to their ends, and nothing came for a while. */
  quiet?: boolean;
  /** It must be decided now. */
  must?: boolean;
}

/**
 * `logged`: lines of the log that came since the attach, or shortly before; `live`: whole lines of the attach. undefined:
 * not known yet.
 */
export function findJoin(
  logged: ArrayLike<number>,
  live: ArrayLike<number>,
  { settled, quiet = false, must = false }: JoinState,
): Join | undefined {
  if (live.length === 0) return undefined;
  const common = commonPrefixes(Array.from(live).slice(1), Array.from(logged));
  const overlapAt = (at: number): number => Math.min(live.length, logged.length - at);
  const fits = (at: number): boolean =>
    at >= 0 && at < logged.length && (common[at + 1] as number) >= overlapAt(at) - 1;

  if (quiet && fits(logged.length - live.length)) return { skip: live.length, isCertain: true };
  const places: number[] = [];
  for (let at = 0; at < logged.length; at++) if (fits(at) && overlapAt(at) >= settled) places.push(at);
  const [first] = places;
  if (first === undefined) return must ? { skip: 1, isCertain: false } : undefined;
  const isCertain = places.length === 1 && settled > 0;
  // The earliest place skips most: nothing is repeated.
  return isCertain || must ? { skip: logged.length - first, isCertain } : undefined;
}
