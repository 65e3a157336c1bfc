// Where in the lines read from the engine's log the lines of an attach begin that was made meanwhile: the second pure
// half of a takeover. Attach may begin in the middle of a line, so its first one stands for any.
//
// `quiet` says that both have been read to their ends and nothing came for a moment: then the ends are the same place,
// which needs no recognising. Under load the lines must agree and be different enough; what repeats waits for more.
import { commonPrefixes } from "./common-runs.ts";

export interface Join {
  /** Lines at the beginning of the attach that the log gave already: at least one. */
  skip: number;
  isCertain: boolean;
}

/** Lines that agree, and different ones among them, before a place is believed while output goes on. */
const overlapMin = 16;
const distinctMin = 3;

/**
 * `logged`: lines of the log that came since the attach, or shortly before; `live`: whole lines of the attach. `must`:
 * no more lines will come before it is decided. undefined: not known yet.
 */
export function findJoin(
  logged: ArrayLike<number>,
  live: ArrayLike<number>,
  { quiet = false, must = false },
): Join | undefined {
  if (live.length === 0) return undefined;
  const rest = Array.from(live).slice(1);
  const common = commonPrefixes(rest, Array.from(logged));
  const overlapAt = (at: number): number => Math.min(live.length, logged.length - at);
  const fits = (at: number): boolean =>
    at >= 0 && at < logged.length && (common[at + 1] as number) >= overlapAt(at) - 1;

  if (quiet && fits(logged.length - live.length)) return { skip: live.length, isCertain: true };
  const places: number[] = [];
  for (let at = 0; at < logged.length; at++) if (fits(at)) places.push(at);
  const [first] = places;
  if (first === undefined) return must ? { skip: 1, isCertain: false } : undefined;
  const long = places.filter((at) => overlapAt(at) >= overlapMin);
  if (long.length === 1 && isVaried(rest, overlapMin)) {
    return { skip: logged.length - (long[0] as number), isCertain: true };
  }
  // The earliest place skips most: nothing is repeated.
  return must ? { skip: logged.length - first, isCertain: places.length === 1 } : undefined;
}

function isVaried(keys: readonly number[], count: number): boolean {
  return new Set(keys.slice(0, count - 1)).size >= distinctMin;
}
