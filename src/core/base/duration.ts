// Durations as people write them.

const msOfUnit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `250ms`, `30s`, `1h30m`, `1.5h`, `2d` as milliseconds. undefined: it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, number, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(number) * msOfUnit[unit as keyof typeof msOfUnit];
  }
  return Math.round(total);
}
