// The kept places of a reader: whatever a slow disk has not stored, one of them is before it, and not far.
import { expect, test } from "bun:test";
import type { Notes } from "../../../../src/core/engine/sources/notes.ts";
import { ReadingPlaces } from "../../../../src/core/engine/sources/reading-places.ts";

const placeAt = (seq: number) => ({ place: { source: "log-file", offset: seq * 10 } as const, seq });

function keptNotes(): Notes {
  const kept = new Map<string, unknown>();
  return {
    note: (key, value) => void kept.set(key, structuredClone(value)),
    noted: (key) => structuredClone(kept.get(key)),
    forget: (key) => void kept.delete(key),
  };
}

const steps = 500;
const every = 100;

test("however many lines are not stored, a place is before them, not much farther back than they are", () => {
  for (let stored = every; stored <= steps * every; stored += 997) {
    const notes = keptNotes();
    const places = new ReadingPlaces(notes, "x", 0);
    for (let step = 1; step <= steps; step++) places.keep(placeAt(step * every));
    expect((notes.noted("places of x") as unknown[]).length).toBeLessThanOrEqual(16);
    const found = new ReadingPlaces(notes, "x").backTo(stored)?.seq ?? 0;
    expect(found).toBeGreaterThan(0);
    const notStored = steps * every - stored;
    expect({ stored, back: stored - found <= 2 * notStored + 2 * every }).toEqual({ stored, back: true });
  }
});

test("a place with a gap is not left out while an earlier one is kept: its number is no line of the log", () => {
  const notes = keptNotes();
  const places = new ReadingPlaces(notes, "x", 0);
  for (let step = 1; step <= steps; step++) {
    const gap = { reason: "test", afterSeq: step * every - 1, cutId: `${step}` };
    places.keep({ ...placeAt(step * every), ...(step % 50 === 25 && { gap }) });
  }
  const kept = notes.noted("places of x") as { seq: number; gap?: object }[];
  expect(kept.filter(({ gap }) => gap).length).toBe(10);
  expect(kept[0]?.seq).toBe(every);
});
