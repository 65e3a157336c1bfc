// The names and numbers that programs have for how serious something is.

export type Level = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

const names: Record<Level, string> = {
  trace: "trace trc trce verbose vrb verb sill silly finest finer",
  debug: "debug dbg dbug d d1 d2 d3 d4 d5 fine",
  info: "info inf i information informational notice note log system ok",
  warn: "warn wrn w warning deprecated",
  error: "error err err! eror e severe fail failure exception",
  fatal: "fatal ftl f critical crit c panic dpanic emerg emergency alert",
};
const levels = new Map<string, Level>(
  Object.entries(names).flatMap(([level, words]) =>
    words.split(" ").map((word): [string, Level] => [word, level as Level]),
  ),
);
const phrases: Record<string, Level> = { "fatal error": "fatal", "parse error": "fatal" };

/** Undefined for a word that no program we know means a level by. */
export function wordLevel(word: string): Level | undefined {
  const lower = word.toLowerCase();
  return levels.get(lower) ?? phrases[lower];
}

/** The levels by syslog's number: 0 (emergency) to 7 (debug), RFC 5424. */
export function syslogLevel(severity: number): Level | undefined {
  if (severity < 0 || severity > 7) return undefined;
  if (severity <= 2) return "fatal";
  return (["error", "warn", "info", "info", "debug"] as const)[severity - 3];
}

/** The levels by the number of pino and bunyan: 10 (trace) to 60 (fatal), or what is near. */
export function pinoLevel(number: number): Level | undefined {
  if (number < 10) return syslogLevel(number);
  return (["trace", "debug", "info", "warn", "error", "fatal"] as const)[
    Math.min(5, Math.floor(number / 10) - 1)
  ];
}

/** The levels by OpenTelemetry's severity number: four for each level from 1 on. */
export function telemetryLevel(number: number): Level | undefined {
  return (["trace", "debug", "info", "warn", "error", "fatal"] as const)[Math.floor((number - 1) / 4)];
}
