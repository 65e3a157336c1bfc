// What a test left behind, found when its `await using` resources were taken apart. Thrown there it would hide the
// test's own failure (Bun 1.4.5 prints a SuppressedError without its contents), so it is kept here, and
// fail-on-leftovers.ts fails the test afterwards.
const found: string[] = [];

export function reportLeftovers(thrown: unknown): void {
  found.push(thrown instanceof Error ? thrown.message : String(thrown));
}

/** What was reported since the last call. */
export function takeLeftovers(): string[] {
  return found.splice(0);
}
