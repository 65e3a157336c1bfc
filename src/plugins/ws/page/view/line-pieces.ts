// From the text of a line to pieces that one element each shows: colours of its escapes, words of its JSON, what is
// looked for. Knows no DOM; the texts of the pieces joined are what is read and copied.
import { cutText } from "../../../../core/search/columns.ts";
import { overwrittenTexts, seenText } from "../../../../core/search/seen-text.ts";
import type { TextMatcher } from "../../../../core/search/text-matcher.ts";
import { type Style, toSpans } from "../model/ansi.ts";
import { count } from "../model/format.ts";
import { isJson, type JsonWord, jsonWords, layOutJson } from "../model/json-line.ts";

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
  readonly find: TextMatcher | undefined;
}

export interface LinePieces {
  readonly pieces: Piece[];
  /** The detail that unfolding shows; undefined if there is none. */
  readonly more: "json" | "overwritten" | "long" | undefined;
  readonly unfolded: boolean;
  /** Said behind the text: what of the line is not shown, or not as asked for; empty: nothing. */
  readonly note: string;
}

/** A piece, and where its text stands in the text that is searched; undefined: nowhere. */
interface PlacedPiece extends Piece {
  readonly at: number | undefined;
}

/** Shown of a line that is longer, until it is unfolded, in characters that are seen. */
const shownMax = 8192;
/** Places of one line that are marked. */
const marksMax = 200;
/** Words of a JSON line that are laid out: each is an element. The switch lays out many lines at once. */
const wordsByHandMax = 4000;
const wordsBySwitchMax = 1000;

export function linePieces(text: string, look: LineLook): LinePieces {
  const seen = seenText(text);
  const { unfoldJson, byHand, find } = look;
  if (isJson(seen)) return jsonPieces(seen, byHand !== unfoldJson, look);
  const spans = toSpans(text);
  const before = overwrittenTexts(text);
  const ranges = find?.ranges(seen, marksMax) ?? [];
  const isLong = seen.length > shownMax;
  const more = before.length > 0 ? "overwritten" : isLong ? "long" : undefined;
  if (byHand && more !== undefined) {
    const history = before.flatMap((part) => [
      ...marked([placed({ text: part }, 0)], find?.ranges(part, marksMax) ?? []),
      ...marked([placed({ text: "\n" }, undefined)], []),
    ]);
    return { pieces: [...history, ...marked(place(spans), ranges)], more, unfolded: true, note: "" };
  }
  const shown = isLong ? cutText(seen, shownMax).length : seen.length;
  const notes = isLong ? [`… ${count(seen.length)} characters`] : [];
  if (ranges.length === 0 && before.length > 0 && find?.matchesLine(text)) {
    notes.push("found in what was written over: unfold to see it");
  }
  const pieces = marked(cutAt(place(spans), shown), ranges);
  return { pieces, more, unfolded: false, note: notes.join(", ") };
}

function jsonPieces(seen: string, unfolded: boolean, { byHand, find }: LineLook): LinePieces {
  const ranges = find?.ranges(seen, marksMax) ?? [];
  const toPiece = ({ text, kind, at }: JsonWord) =>
    placed({ text, mark: kind === "mark" ? "" : `json-${kind}` }, at);
  if (unfolded) {
    const { words, left } = layOutJson(seen, byHand ? wordsByHandMax : wordsBySwitchMax);
    return { pieces: marked(words.map(toPiece), ranges), more: "json", unfolded, note: left };
  }
  const isLong = seen.length > shownMax;
  const shown = isLong ? cutText(seen, shownMax).length : seen.length;
  const pieces = marked(cutAt(jsonWords(seen, shown).map(toPiece), shown), ranges);
  return { pieces, more: "json", unfolded, note: isLong ? `… ${count(seen.length)} characters` : "" };
}

function placed(piece: Pick<Piece, "text"> & Partial<Piece>, at: number | undefined): PlacedPiece {
  return { style: undefined, mark: "", match: false, ...piece, at };
}

function place(spans: readonly Pick<Piece, "text" | "style">[]): PlacedPiece[] {
  let at = 0;
  return spans.map((span) => {
    const piece = placed(span, at);
    at += span.text.length;
    return piece;
  });
}

/** Returns the pieces before the place `end`. */
function cutAt(pieces: readonly PlacedPiece[], end: number): PlacedPiece[] {
  return pieces
    .filter(({ at = 0 }) => at < end)
    .map((piece) => ({ ...piece, text: piece.text.slice(0, end - (piece.at ?? 0)) }));
}

/** Cuts the pieces where a match begins and ends. */
function marked(pieces: readonly PlacedPiece[], ranges: readonly (readonly [number, number])[]): Piece[] {
  const cut: Piece[] = [];
  let range = 0;
  for (const { at, ...piece } of pieces) {
    let from = 0;
    while (from < piece.text.length) {
      while (at !== undefined && (ranges[range]?.[1] ?? Number.POSITIVE_INFINITY) <= at + from) range += 1;
      const next = at === undefined ? undefined : ranges[range];
      const [start, end] = next ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      const match = start <= (at ?? 0) + from;
      const to = Math.min(piece.text.length, (match ? end : start) - (at ?? 0));
      cut.push({ ...piece, text: piece.text.slice(from, to), match });
      from = to;
    }
  }
  return cut;
}
