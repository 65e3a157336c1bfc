// Durations and ages as people read them.

const unitSteps = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1000, "s"],
] as const;

/** Milliseconds as `250ms`, `2.1s`, `3m20s`, `5h12m`, `12d4h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 10_000) return `${trimmed(Math.floor(ms / 100) / 10)}s`;
  const first = unitSteps.findIndex(([step]) => ms >= step);
  const [step, unit] = unitSteps[first] ?? [1000, "s"];
  const next = unitSteps[first + 1];
  const head = `${Math.floor(ms / step)}${unit}`;
  const rest = next === undefined ? 0 : Math.floor((ms % step) / next[0]);
  return rest === 0 || next === undefined ? head : `${head}${rest}${next[1]}`;
}

/** Formats an age in one unit: `now`, `12s`, `5m`, `3h`, `9d`. `ms` is a time of the Unix epoch; 0 gives nothing. */
export function formatAge(ms: number, nowMs: number): string {
  if (ms === 0) return "";
  const age = Math.max(0, nowMs - ms);
  for (const [step, unit] of unitSteps) if (age >= step) return `${Math.floor(age / step)}${unit}`;
  return "now";
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, "");
}
