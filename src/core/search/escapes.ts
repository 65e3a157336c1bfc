// The escape sequences of terminals (ECMA-48, and what xterm adds) in the text of one line. This is the one place that
// knows where such a sequence begins and ends; search, find, page, levels and the terminal's filter all ask here.
//
// A sequence that is not closed reaches to the end of its line, as on a terminal. The 8-bit forms (U+0080 to U+009F) are
// no sequences: terminals on UTF-8 do not agree on them and broken encodings are full of them, so they would hide text.
// They are characters without a look. Newlines are never taken, and bytes of
// UTF-8 that were read as Latin-1 are cut at the same places. Each alternative begins with ESC and can match in one way
// only, so the time is linear.

/** A final byte is asked for where its absence would let a sequence take text that follows it. */
const sequence =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x18\x1a\x1b\n]*(?:[\x07\x18\x1a]|\x1b\\)?|[PX^_][^\x18\x1a\x1b\n]*(?:[\x18\x1a]|\x1b\\)?|k[^\x07\x1b\n]*\x1b\\|[ -/]*[0-~]?)/g;

/** With `?`, `>` or anything else between, it is something other that also ends in "m". */
const colour = /^\x1b\[[\d;:]*m$/;

export const escapeByte = 0x1b;

/** The text without its escape sequences. */
export function stripEscapes(text: string): string {
  return text.includes("\x1b") ? text.replace(sequence, "") : text;
}

/** True for colours and the like (SGR), of one escape sequence. */
export function isColour(sequence: string): boolean {
  return colour.test(sequence);
}

/** A stretch of text without escapes, or one escape sequence. */
export interface TextPart {
  readonly text: string;
  readonly isEscape: boolean;
}

/** The text in its order. */
export function* partsOf(text: string): Generator<TextPart> {
  let from = 0;
  for (const match of text.matchAll(sequence)) {
    if (match.index > from) yield { text: text.slice(from, match.index), isEscape: false };
    yield { text: match[0], isEscape: true };
    from = match.index + match[0].length;
  }
  if (from < text.length) yield { text: text.slice(from), isEscape: false };
}
