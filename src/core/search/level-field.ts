// The level of a structured line: a JSON object or logfmt, which say it in a field of their own. What other fields hold,
// such as a message about levels, says nothing. A line may be cut anywhere: only its head is looked at.
import { type Level, pinoLevel, syslogLevel, telemetryLevel, wordLevel } from "./level-words.ts";

/** Fields that hold a level, in small letters. */
const levelFields: ReadonlySet<string> = new Set(
  "level lvl severity loglevel log_level log.level levelname level_name @l @level severity_text severitytext".split(
    " ",
  ),
);
const token = /"((?:[^"\\]|\\.)*)"|[{}[\],:]|[^\s{}[\],:"]+/g;
const pair = /([A-Za-z_@][\w.@-]*)=("(?:[^"\\]|\\.)*"?|\S*)\s*/y;

/** Undefined: the line is not structured. A level of undefined: it is, and does not say. */
export function fieldLevel(line: string): { readonly level: Level | undefined } | undefined {
  const text = line.trimStart();
  if (/^\{\s*(?:"|\})/.test(text)) return { level: jsonLevel(text) };
  return logfmtLevel(text);
}

/** Goes over the keys of the object itself, and of `log` in it (Elastic's common schema). */
function jsonLevel(text: string): Level | undefined {
  let depth = 0;
  let key = "";
  let path = "";
  let isValue = false;
  const seen = new Set<string>();
  for (const { 0: word, 1: quoted } of text.matchAll(token)) {
    if (word === "{" || word === "[") {
      depth += 1;
      if (depth === 2) path = word === "{" && key === "log" ? "log." : otherPath;
      isValue = false;
    } else if (word === "}" || word === "]") {
      depth -= 1;
      if (depth === 1) path = "";
      isValue = false;
    } else if (word === ",") isValue = false;
    else if (word === ":") isValue = true;
    else if (!isValue) key = quoted ?? "";
    else if (depth === 1 || (depth === 2 && path === "log.")) {
      const name = path + key;
      seen.add(name);
      const level = valueLevel(name, quoted ?? word, quoted === undefined);
      if (level !== undefined) return level;
    }
  }
  // Compact log events leave the level out when it is the usual one.
  return seen.has("@t") && (seen.has("@mt") || seen.has("@m")) ? "info" : undefined;
}

/** In front of keys that are not looked at. */
const otherPath = "\0";

function valueLevel(name: string, value: string, isBare: boolean): Level | undefined {
  const field = name.toLowerCase();
  if (field === "severitynumber" || field === "severity_number") return telemetryLevel(Number(value));
  if (field === "priority") return /^\d$/.test(value) ? syslogLevel(Number(value)) : wordLevel(value);
  // MongoDB's; one letter.
  if (name === "s") return /^(?:[FEWI]|D[1-5]?)$/.test(value) && !isBare ? wordLevel(value) : undefined;
  if (!levelFields.has(field)) return undefined;
  return /^\d+$/.test(value) ? pinoLevel(Number(value)) : wordLevel(value);
}

/** A line that begins with two pairs, or with its level. */
function logfmtLevel(text: string): { readonly level: Level | undefined } | undefined {
  let pairs = 0;
  pair.lastIndex = 0;
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    pairs += 1;
    const [, key = "", value = ""] = match;
    if (levelFields.has(key.toLowerCase())) {
      const level = valueLevel(key, value.replace(/^"|"$/g, ""), true);
      if (level !== undefined) return { level };
    }
  }
  return pairs >= 2 ? { level: undefined } : undefined;
}
