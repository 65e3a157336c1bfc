// The columns of a terminal that a character takes, and the places where text may be cut. A character is what a
// person sees as one (a grapheme): an emoji with its joiners, a letter with its accents.
import { eastAsianWidth } from "get-east-asian-width";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const plain = /^[\x20-\x7e]*$/;
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;
const noWidth = /^[\p{Mark}\p{Format}\p{Control}]/u;
/** A grapheme with more marks than this, in UTF-16 units, is cut all the same. */
const graphemeMax = 256;

/** True if each character of the text is one column. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

export function* graphemesOf(text: string): Generator<string> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}

/** 0, 1 or 2 columns. */
export function columnsOf(grapheme: string): 0 | 1 | 2 {
  const code = grapheme.codePointAt(0) ?? 0;
  if (grapheme.length === 1 && code >= 0x20 && code < 0x7f) return 1;
  if (noWidth.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  return eastAsianWidth(code);
}

/** The beginning of a text: at most `lengthMax` UTF-16 units of it, and no half character at its end. */
export function cutText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const from = Math.max(0, lengthMax - graphemeMax);
  const across = graphemes.segment(text.slice(from, lengthMax + graphemeMax)).containing(lengthMax - from);
  if (across !== undefined && across.segment.length < graphemeMax) return text.slice(0, from + across.index);
  const half = text.charCodeAt(lengthMax - 1);
  return text.slice(0, half >= 0xd800 && half < 0xdc00 ? lengthMax - 1 : lengthMax);
}
