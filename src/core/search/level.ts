// Guesses how serious a line is. A structured line (JSON, logfmt) says so in a field of its own, and nothing else in it
// counts; any other line says so at its beginning, behind time, host and logger. A guess only colours; nothing is hidden
// by it. What is not clear has no level.
import { fieldLevel } from "./level-field.ts";
import { type Level, syslogLevel, wordLevel } from "./level-words.ts";

export type { Level } from "./level-words.ts";

/** The head of a line in which a level may stand, in characters. */
const headLength = 96;

const capitals =
  /(?:^|[\s[(<|:".,])(TRACE|TRC|DEBUG|DBG|FINE|INFO|INF|NOTICE|LOG|WARN|WRN|WARNING|ERROR|ERR|SEVERE|FATAL|FTL|CRITICAL|CRIT|PANIC|EMERG|ALERT)(?=$|[\s\])>|:",/[])/;
const inBrackets =
  /\[(?:\w+:)?(trace|debug|info|notice|note|warn|warning|error|err|crit|critical|alert|emerg|fatal)\]/i;
/** Words before a level that belong to a sentence, and not to a head of time, host and logger. */
const sentenceWord = /(?:^|\s)[a-z]+(?=\s|$)/g;
/** One such word may be the name of a host or a logger; more of them are a sentence. */
const sentenceWordsMax = 1;

/** The first that fits tells; a name of a level, or what the word found stands for. */
const beginnings: readonly (readonly [RegExp, ((found: string) => Level | undefined)?])[] = [
  [/^<(\d{1,3})>/, (priority) => syslogLevel(Number(priority) & 7)],
  [/^([IWEF])\d{4} \d\d:\d\d:\d\d/],
  [/^([EWIDF]), \[\d{4}-/],
  [/^npm (ERR!|error|WARN|warn|notice|info|verb|sill)(?=\s|$)/],
  [/^(trce|dbug|info|warn|fail|crit): /],
  [/^(error|warning)(?:\[\w+\])?: /],
  [/^\S+?[:(]\d+(?:[:,]\d+)?\)?: (fatal error|error|warning|note)\b/],
  [/^\d+:[XCSM] \d+ \w+ \d{4} [\d:.]+ ([.*#-])/, (mark) => redisLevels[mark]],
  [/^PHP (Fatal error|Parse error|Warning|Notice|Deprecated):/],
  [/^\(node:\d+\) .*?(Warning):/],
  [/^\[?(trace|debug|info|notice|warn|warning|error|fatal|panic|critical)\]?\s*[:\]]/i],
  [/^(fatal error|panic|runtime: out of memory): /, () => "fatal"],
  [/^thread '.*?' .*?(panicked) at/, () => "fatal"],
  [/^(?:\[\w+\] )?(?:Uncaught |Unhandled )?(?:\w+\.)*\w*(Error|Exception)(?:: | \[\w+\]: )/, () => "error"],
  [/^(Exception) in thread /, () => "error"],
  [/^(Error) response from daemon/, () => "error"],
  [/^make(?:\[\d+\])?: \*\*\* .*(Error) \d+/, () => "error"],
  [/^--- (FAIL):/, () => "error"],
];
const redisLevels: Record<string, Level> = { ".": "debug", "-": "debug", "*": "info", "#": "warn" };

export function levelOf(plain: string): Level | undefined {
  const field = fieldLevel(plain);
  if (field !== undefined) return field.level;
  const head = plain.slice(0, headLength);
  for (const [pattern, toLevel = wordLevel] of beginnings) {
    const found = pattern.exec(head)?.[1];
    if (found !== undefined) return toLevel(found);
  }
  const words = [capitals.exec(head), inBrackets.exec(head)].filter((match) => match !== null);
  words.sort((a, b) => a.index - b.index);
  const [first] = words;
  if (first === undefined || isSentence(head.slice(0, first.index))) return undefined;
  return wordLevel(first[1] as string);
}

function isSentence(before: string): boolean {
  return (before.match(sentenceWord)?.length ?? 0) > sentenceWordsMax;
}
