// Guesses how serious a line is, from its first words or its JSON field. A guess only colours; nothing is hidden by
// it. What is not clear has no level.

export type Level = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

const words: Record<string, Level> = {
  trace: "trace",
  trc: "trace",
  debug: "debug",
  dbg: "debug",
  info: "info",
  inf: "info",
  information: "info",
  notice: "info",
  warn: "warn",
  wrn: "warn",
  warning: "warn",
  error: "error",
  err: "error",
  severe: "error",
  exception: "error",
  fatal: "fatal",
  critical: "fatal",
  crit: "fatal",
  panic: "fatal",
  emerg: "fatal",
  alert: "fatal",
};

/** The length of the head of a line in which a level may stand, in characters: behind time, host and logger. */
const headLength = 96;
const inFields = /["']?\b(?:level|lvl|severity|loglevel|log\.level)["']?\s*[=:]\s*["']?([A-Za-z]+)/i;
const inCapitals =
  /(?:^|[\s[(<|:"])(TRACE|TRC|DEBUG|DBG|INFO|INF|NOTICE|WARN|WRN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|PANIC|EMERG|ALERT)(?=$|[\s\])>|:",])/;
const atStart =
  /^(?:\[?(trace|debug|info|notice|warn|warning|error|fatal|panic|critical)\]?\s*[:\]]|(?:\w+\.)*\w*(Error|Exception): )/i;
/** pino and bunyan write numbers. */
const pino = /"level"\s*:\s*(10|20|30|40|50|60)\b/;
const pinoLevels: Record<string, Level> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};

export function levelOf(plain: string): Level | undefined {
  const head = plain.length > headLength * 4 ? plain.slice(0, headLength * 4) : plain;
  const field = inFields.exec(head)?.[1];
  if (field !== undefined) return words[field.toLowerCase()];
  const number = pino.exec(head)?.[1];
  if (number !== undefined) return pinoLevels[number];
  const start = head.slice(0, headLength);
  const capitals = inCapitals.exec(start)?.[1];
  if (capitals !== undefined) return words[capitals.toLowerCase()];
  const first = atStart.exec(start);
  if (first === null) return undefined;
  return first[1] === undefined ? "error" : words[first[1].toLowerCase()];
}
