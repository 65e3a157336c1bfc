// Where in the engine's log of one stream a reader stands that has taken some lines: the pure heart of a takeover.
//
// The lines taken must end where the place is, and agree with the log from there back to the first of either. That is
// often true of one place only. Where lines repeat, the stamps decide: the engine's of a line and ours lie close
// together at the true place. What they do not decide is told as uncertain, with the latest of the places, so that
// nothing is repeated. Counts come first where the log has all its lines since the container began.
//
// An engine that is killed loses what it had read and not yet logged, up to about 1 MB, and a reader who was attached
// may have it (seen with 20.10: attach was 177 000 lines ahead, and the log went on behind them). So some of the
// newest lines taken may not be in the log at all, and where that happened once within the lines compared, agreement
// ends there: then a long one is enough.
import { commonSuffixes } from "./common-runs.ts";

/** Consecutive lines of one stream: what they are recognised by, and when they were read, in ms of the Unix epoch. */
export interface Marks {
  keys: ArrayLike<number>;
  times: ArrayLike<number>;
}

export interface Place {
  /** Index in the log of the first line that was not taken. */
  at: number;
  /** How many lines before it agree. */
  overlap: number;
  /** Newest lines taken that the log does not have. */
  unlogged: number;
  isCertain: boolean;
}

/** At the true place both stamps of a line are at most this far apart, in ms, unless the clocks differ. */
export const apartMsMax = 5000;
/** Two places whose stamps differ by less than this, in ms, cannot be told apart by them. */
const tellApartMs = 5;
/** Lines that agree are enough though older ones do not; so many different ones no chance explains, whatever the clocks say. */
const overlapMin = 64;
/** Comparisons before the search among lines that are not in the log is given up. */
const comparisonsMax = 2_000_000;
const pairsLooked = 33;
/** Fewer different lines than this must have been read when they were logged: before, or after, at most by this, in ms. */
const tellingLines = 16;
const lateMsMax = 5;
const earlyMsMax = 100;

/** `count`: lines taken since the log's first one, if that is known. undefined: the log has none of them. */
export function findPlace(taken: Marks, log: Marks, count?: number): Place | undefined {
  if (taken.keys.length === 0) {
    return count !== undefined && count <= log.keys.length ? certain(count, 0, 0) : undefined;
  }
  const common = commonSuffixes(taken.keys, log.keys);
  const search = new Search(taken, log);
  const whole: Candidate[] = [];
  const long: Candidate[] = [];
  for (let at = 1; at < common.length; at++) {
    const overlap = common[at] as number;
    if (overlap === Math.min(taken.keys.length, at)) whole.push(search.candidate(at, overlap, 0));
    else if (overlap >= overlapMin) long.push(search.candidate(at, overlap, 0));
  }
  const counted = whole.find(({ at }) => at === count);
  if (counted !== undefined && counted.apartMs <= apartMsMax) return certain(counted.at, counted.overlap, 0);
  return search.choose(whole) ?? search.choose(long) ?? search.choose(search.unlogged());
}

/** Where the log goes on behind the newest line taken, by the stamps alone: never certain, only never too early. */
export function placeByTime(taken: Marks, log: Marks): number {
  const last = taken.times[taken.times.length - 1];
  if (last === undefined) return 0;
  let at = log.times.length;
  while (at > 0 && (log.times[at - 1] as number) > last + 100) at--;
  return at;
}

interface Candidate {
  at: number;
  overlap: number;
  unlogged: number;
  /** By how much they were logged later than they were read, in ms. */
  lateMs: number;
  apartMs: number;
}

const certain = (at: number, overlap: number, unlogged: number): Place => ({
  at,
  overlap,
  unlogged,
  isCertain: true,
});

class Search {
  readonly #taken: Marks;
  readonly #log: Marks;

  constructor(taken: Marks, log: Marks) {
    this.#taken = taken;
    this.#log = log;
  }

  candidate(at: number, overlap: number, unlogged: number): Candidate {
    const lateMs = this.#lateMs(at, overlap, unlogged);
    return { at, overlap, unlogged, lateMs, apartMs: Math.abs(lateMs) };
  }

  choose(candidates: readonly Candidate[]): Place | undefined {
    const [only] = candidates;
    if (only === undefined) return undefined;
    if (candidates.length === 1 && this.#isBeyondChance(only)) {
      return { ...only, isCertain: !this.#mayBeChance(only) };
    }
    const likely = candidates.filter(({ apartMs }) => apartMs <= apartMsMax);
    if (likely.length === 0) return undefined;
    const best = likely.reduce((a, b) => (b.apartMs < a.apartMs ? b : a));
    const limit = best.apartMs * 3 + tellApartMs;
    const alike = likely.filter(({ apartMs }) => apartMs <= limit);
    const chosen = alike.reduce((a, b) => (b.at > a.at ? b : a));
    return { ...chosen, isCertain: alike.length === 1 && !this.#mayBeChance(chosen) };
  }

  /** Places with the fewest newest lines left out that are not in the log. */
  unlogged(): Candidate[] {
    const { keys } = this.#taken;
    const places = this.#placesOfKeys();
    let left = comparisonsMax;
    for (let unlogged = 1; unlogged < keys.length && left > 0; unlogged++) {
      const found: Candidate[] = [];
      for (const before of places.get(keys[keys.length - unlogged - 1] as number) ?? []) {
        const full = Math.min(keys.length - unlogged, before + 1);
        const overlap = this.#agreeing(before, keys.length - unlogged - 1, full);
        left -= overlap + 1;
        if (overlap === full || overlap >= overlapMin)
          found.push(this.candidate(before + 1, overlap, unlogged));
        if (left <= 0) break;
      }
      if (this.choose(found) !== undefined) return found;
    }
    return [];
  }

  #agreeing(logAt: number, takenAt: number, max: number): number {
    let count = 0;
    while (count < max && this.#log.keys[logAt - count] === this.#taken.keys[takenAt - count]) count++;
    return count;
  }

  #placesOfKeys(): Map<number, number[]> {
    const places = new Map<number, number[]>();
    for (let at = 0; at < this.#log.keys.length; at++) {
      const key = this.#log.keys[at] as number;
      const known = places.get(key);
      if (known === undefined) places.set(key, [at]);
      else known.push(at);
    }
    return places;
  }

  /** The median over the newest pairs. */
  #lateMs(at: number, overlap: number, unlogged: number): number {
    const takenEnd = this.#taken.times.length - unlogged;
    const late: number[] = [];
    for (let back = 1; back <= Math.min(overlap, pairsLooked); back++) {
      late.push((this.#log.times[at - back] as number) - (this.#taken.times[takenEnd - back] as number));
    }
    late.sort((a, b) => a - b);
    return late[late.length >> 1] as number;
  }

  /** A few lines, or many that repeat, may look like those taken when those are gone; they were logged after those were read. */
  #mayBeChance(candidate: Candidate): boolean {
    const { lateMs } = candidate;
    return (lateMs > lateMsMax || lateMs < -earlyMsMax) && !this.#hasDifferent(candidate, tellingLines);
  }

  #isBeyondChance(candidate: Candidate): boolean {
    const { overlap, unlogged, apartMs } = candidate;
    if (apartMs <= apartMsMax) return true;
    return overlap >= this.#taken.keys.length - unlogged && this.#hasDifferent(candidate, overlapMin);
  }

  /** Whether so many different lines agree. */
  #hasDifferent({ at, overlap }: Candidate, count: number): boolean {
    const different = new Set<number>();
    for (let back = 1; back <= overlap && different.size < count; back++) {
      different.add(this.#log.keys[at - back] as number);
    }
    return different.size >= count;
  }
}
