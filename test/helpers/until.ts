// Waits for something to become true by asking again, never by a fixed sleep.

/**
 * Resolves to the first truthy value of `condition`, asked every `everyMs`. What it throws counts as "not yet".
 * Throws after `timeoutMs` with `what` and the last thing that `condition` gave or threw.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 20_000, everyMs = 20 } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const value = await condition();
      if (value) return value;
      last = value;
    } catch (thrown) {
      last = thrown;
    }
    if (performance.now() >= deadline) {
      throw new Error(`not within ${timeoutMs} ms: ${what} (last: ${String(last)})`);
    }
    await Bun.sleep(everyMs);
  }
}
