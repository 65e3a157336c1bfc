// What a test left behind, found when its `await using` resources were taken apart. Thrown there it would hide the
// test's own failure (Bun 1.4.5 prints a SuppressedError without its contents), so it is kept here and fails the test
// afterwards. bunfig.toml preloads this file for every test.
import { afterEach } from "bun:test";

const found: string[] = [];

export function reportLeftovers(thrown: unknown): void {
  found.push(thrown instanceof Error ? thrown.message : String(thrown));
}

afterEach(() => {
  const all = found.splice(0);
  if (all.length > 0) throw new Error(all.join("\n"));
});
