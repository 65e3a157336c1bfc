// Chance with a seed, for every test that needs random data. `npm test` always uses the same seed, so a failure is news of the
// code and not of the dice; TASKLOG_TEST_SEED sets another one, and long forms choose a new one each time. What the machine does
// between two random moments is not in its hand.

const given = process.env["TASKLOG_TEST_SEED"];

/** The seed of this run. */
export const testSeed = given === undefined ? 4711 : Number(given);

/** The seed of a long form, which is there to find what the usual seed does not. */
export const longSeed = given === undefined ? Math.floor(Math.random() * 1_000_000) : testSeed;

/** Calls `body` with random numbers of `seed`. If it fails, the seed is printed for a second run. */
export async function withRandom(
  body: (random: Random) => void | Promise<void>,
  seed = testSeed,
): Promise<void> {
  try {
    await body(new Random(seed));
  } catch (error) {
    console.error(`failed with TASKLOG_TEST_SEED=${seed}`);
    throw error;
  }
}

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.between(0, list.length - 1)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  /** True in that share of all calls. */
  chance(share: number): boolean {
    return this.next() < share;
  }
}
