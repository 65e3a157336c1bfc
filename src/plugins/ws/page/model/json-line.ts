// Lines that are JSON objects: cut into words with a kind each, on one line as they stand or laid out over several.
// The text is kept as it was written: numbers beyond 2^53 and repeated keys are shown as they are.

type JsonKind = "key" | "string" | "number" | "word" | "mark";

export interface JsonWord {
  readonly text: string;
  readonly kind: JsonKind;
}

/** Longer lines are not looked at, in characters. */
export const jsonLengthMax = 256 * 1024;
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]|\s+/g;

/** Whether the line is one JSON object or list with something in it. */
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

/** The words of a JSON text, laid out over lines when `unfold`. Only for what `isJson` takes. */
export function jsonWords(plain: string, unfold: boolean): JsonWord[] {
  const tokens = plain.trim().match(token) ?? [];
  const words: JsonWord[] = [];
  let depth = 0;
  const breakLine = () => words.push({ text: `\n${"  ".repeat(depth)}`, kind: "mark" });
  for (let i = 0; i < tokens.length; i += 1) {
    const text = tokens[i] as string;
    if (/^\s/.test(text)) {
      if (!unfold) words.push({ text, kind: "mark" });
      continue;
    }
    const closes = text === "}" || text === "]";
    const next = tokens.slice(i + 1, i + 3).find((following) => !/^\s/.test(following));
    const empty = (text === "{" && next === "}") || (text === "[" && next === "]");
    if (closes && depth > 0) {
      depth -= 1;
      if (unfold && !isOpening(words.at(-1)?.text)) breakLine();
    }
    words.push({ text: unfold && text === ":" ? ": " : text, kind: kindOf(text, next) });
    if (isOpening(text)) depth += 1;
    if (unfold && ((isOpening(text) && !empty) || text === ",")) breakLine();
  }
  return words;
}

function isOpening(text: string | undefined): boolean {
  return text === "{" || text === "[";
}

function kindOf(text: string, next: string | undefined): JsonKind {
  if (text.startsWith('"')) return next === ":" ? "key" : "string";
  if (/^[-\d]/.test(text)) return "number";
  return /^[a-z]/.test(text) ? "word" : "mark";
}
