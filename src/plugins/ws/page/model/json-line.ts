// Lines that are JSON objects: cut into words with a kind each, on one line as they stand or laid out over several.
// The text is kept as it was written: numbers beyond 2^53 and repeated keys are shown as they are.

type JsonKind = "key" | "string" | "number" | "word" | "mark";

export interface JsonWord {
  readonly text: string;
  readonly kind: JsonKind;
  /** The offset in the line, in UTF-16 units; undefined for what the layout has added. */
  readonly at: number | undefined;
}

export interface JsonLayout {
  readonly words: JsonWord[];
  /** A sentence that says what was too much to be laid out; empty if nothing was. */
  readonly left: string;
}

/** Longer lines are not looked at, in characters. */
const jsonLengthMax = 256 * 1024;
/** Values deeper than this stay on the line of what they are in: their indentation alone would fill the screen. */
const depthMax = 32;
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]|\s+/g;
const space = /^\s/;

/** True if the line is one JSON object or list with something in it. */
export function isJson(plain: string): boolean {
  const text = plain.trim();
  if (text.length < 3 || text.length > jsonLengthMax) return false;
  if (!(text.startsWith("{") && text.endsWith("}")) && !(text.startsWith("[{") && text.endsWith("]")))
    return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The words of a JSON text as they stand, up to a length. Only for what `isJson` takes. */
export function jsonWords(plain: string, lengthMax = Number.POSITIVE_INFINITY): JsonWord[] {
  const words: JsonWord[] = [];
  for (const { 0: text, index } of plain.matchAll(token)) {
    if (index >= lengthMax) break;
    words.push({ text, kind: kindOf(text, plain, index), at: index });
  }
  return words;
}

/**
 * The same laid out over lines. What lies behind the first `wordsMax` words follows as one word, as it stands. Only
 * for what `isJson` takes.
 */
export function layOutJson(plain: string, wordsMax: number): JsonLayout {
  const words: JsonWord[] = [];
  let depth = 0;
  let isTooDeep = false;
  let before = "";
  /** `levels` of indentation; a closing bracket has one less than what it closes. */
  const breakLine = (levels: number) => {
    if (depth > depthMax) isTooDeep = true;
    else words.push({ text: `\n${"  ".repeat(levels)}`, kind: "mark", at: undefined });
  };
  for (const { 0: text, index } of plain.matchAll(token)) {
    if (space.test(text)) continue;
    if (words.length >= wordsMax) {
      words.push({ text: plain.slice(index).trimEnd(), kind: "mark", at: index });
      return { words, left: `more than ${wordsMax} words: the rest is as it was written` };
    }
    if (text === "}" || text === "]") {
      if (!isOpening(before)) breakLine(depth - 1);
      depth -= 1;
    } else if (isOpening(before) || before === ",") breakLine(depth);
    words.push({ text, kind: kindOf(text, plain, index), at: index });
    if (text === ":") words.push({ text: " ", kind: "mark", at: undefined });
    if (isOpening(text)) depth += 1;
    before = text;
  }
  return { words, left: isTooDeep ? `deeper than ${depthMax} levels: what is there is on one line` : "" };
}

function isOpening(text: string): boolean {
  return text === "{" || text === "[";
}

function kindOf(text: string, plain: string, at: number): JsonKind {
  if (text.startsWith('"')) return isKey(plain, at + text.length) ? "key" : "string";
  if (/^[-\d]/.test(text)) return "number";
  return /^[a-z]/.test(text) ? "word" : "mark";
}

function isKey(plain: string, end: number): boolean {
  let at = end;
  while (space.test(plain[at] ?? "")) at++;
  return plain[at] === ":";
}
