import { expect, test } from "bun:test";
import { formatAge, formatDuration } from "../../../src/cmd/output/quantities.ts";
import { formatProgress } from "../../../src/cmd/output/status-line.ts";
import { createStyle, hasColor } from "../../../src/cmd/output/style.ts";

test("durations and ages as people read them", () => {
  expect([0, 250, 2100, 9990, 12_000, 200_000, 18_720_000, 1_051_200_000].map(formatDuration)).toEqual([
    "0ms",
    "250ms",
    "2.1s",
    "9.9s",
    "12s",
    "3m20s",
    "5h12m",
    "12d4h",
  ]);
  const now = 1_000_000_000;
  expect([0, now, now - 12_000, now - 300_000, now + 5000].map((ms) => formatAge(ms, now))).toEqual([
    "",
    "now",
    "12s",
    "5m",
    "now",
  ]);
});

test("progress shows a bar where the total is known", () => {
  const progress = {
    what: "pull",
    currentBytes: 5 * 1024 ** 2,
    totalBytes: 10 * 1024 ** 2,
    message: "pulling x",
  };
  expect(formatProgress(progress)).toBe("pulling x  ████████████░░░░░░░░░░░░  50%  5 MiB / 10 MiB");
  expect(formatProgress({ ...progress, totalBytes: 0 })).toBe("pulling x  5 MiB");
});

test("colour - the flag, then NO_COLOR, then FORCE_COLOR, then the terminal", () => {
  expect(hasColor("always", { NO_COLOR: "1" }, false)).toBe(true);
  expect(hasColor("never", { FORCE_COLOR: "1" }, true)).toBe(false);
  expect(hasColor("auto", { NO_COLOR: "1", FORCE_COLOR: "1" }, true)).toBe(false);
  expect(hasColor("auto", { FORCE_COLOR: "1" }, false)).toBe(true);
  expect(hasColor("auto", {}, true)).toBe(true);
  expect(hasColor("auto", { TERM: "dumb" }, true)).toBe(false);
  expect(hasColor("auto", {}, false)).toBe(false);
});

test("a key has the same colour always", () => {
  const style = createStyle(true);
  expect(style.stable("task-a", "x")).toBe(style.stable("task-a", "x"));
  const colours = new Set(Array.from({ length: 50 }, (_, n) => style.stable(`task-${n}`, "x")));
  expect(colours.size).toBeGreaterThan(10);
  expect(createStyle(false).stable("task-a", "x")).toBe("x");
});
