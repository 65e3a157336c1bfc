// From the text of a line to pieces that one element each shows: colours of its escapes, words of its JSON, what is
// looked for. Knows no DOM; the texts of the pieces joined are what is read, searched and copied.
import { plainText, type Style, toSpans } from "../model/ansi.ts";
import { isJson, jsonLengthMax, jsonWords } from "../model/json-line.ts";
import { matchRanges } from "../model/matcher.ts";
import { overwrites } from "../model/overwrites.ts";

export interface Piece {
  readonly text: string;
  readonly style: Style | undefined;
  /** A CSS class of its own: json-key, json-string, json-number, json-word; empty: none. */
  readonly mark: string;
  readonly match: boolean;
}

export interface LineLook {
  /** The switch for all JSON lines, and whether this line was turned the other way by hand. */
  readonly unfoldJson: boolean;
  readonly byHand: boolean;
  readonly find: RegExp | undefined;
}

export interface LinePieces {
  readonly pieces: Piece[];
  /** What unfolding shows more of; undefined: nothing. */
  readonly more: "json" | "overwritten" | "long" | undefined;
  readonly unfolded: boolean;
}

/** Shown of a line that is longer, until it is unfolded, in characters. */
const shownMax = 8192;

export function linePieces(text: string, { unfoldJson, byHand, find }: LineLook): LinePieces {
  const texts = overwrites(text);
  const last = texts.at(-1) ?? "";
  const plain = last.length <= jsonLengthMax ? plainText(last) : "";
  if (isJson(plain)) {
    const unfolded = byHand !== unfoldJson;
    return { pieces: marked(jsonPieces(plain, unfolded), find), more: "json", unfolded };
  }
  if (texts.length > 1) {
    const shown = byHand ? texts.join("\n") : last;
    return { pieces: marked(textPieces(shown), find), more: "overwritten", unfolded: byHand };
  }
  const long = last.length > shownMax;
  const shown = long && !byHand ? last.slice(0, shownMax) : last;
  return {
    pieces: marked(textPieces(shown), find),
    more: long ? "long" : undefined,
    unfolded: long && byHand,
  };
}

function textPieces(text: string): Piece[] {
  return toSpans(text).map((span) => ({ ...span, mark: "", match: false }));
}

function jsonPieces(plain: string, unfold: boolean): Piece[] {
  const long = !unfold && plain.length > shownMax;
  const words = jsonWords(plain, unfold);
  const pieces: Piece[] = [];
  let length = 0;
  for (const { text, kind } of words) {
    if (long && length > shownMax) break;
    length += text.length;
    pieces.push({ text, style: undefined, mark: kind === "mark" ? "" : `json-${kind}`, match: false });
  }
  return pieces;
}

/** Cuts the pieces where a match begins and ends. */
function marked(pieces: Piece[], find: RegExp | undefined): Piece[] {
  if (find === undefined) return pieces;
  const ranges = matchRanges(find, pieces.map(({ text }) => text).join(""));
  if (ranges.length === 0) return pieces;
  const cut: Piece[] = [];
  let at = 0;
  let range = 0;
  for (const piece of pieces) {
    let from = 0;
    while (from < piece.text.length) {
      while (range < ranges.length && (ranges[range]?.[1] ?? 0) <= at + from) range += 1;
      const [start, end] = ranges[range] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      const match = start <= at + from;
      const to = Math.min(piece.text.length, (match ? end : start) - at);
      cut.push({ ...piece, text: piece.text.slice(from, to), match });
      from = to;
    }
    at += piece.text.length;
  }
  return cut;
}
