// The colours of a line as the page draws them: what a terminal shows at the line's end, with each piece's look as CSS
// knows it. Colours do not carry over to the next line: a viewer that starts in the middle could not know them.
import { screenOf } from "../../../../core/search/line-screen.ts";
import type { TextColour, TextMark, TextStyle } from "../../../../core/search/text-style.ts";

export interface Style {
  /** Number of one of the 16 colours, or a CSS colour; undefined: the default. */
  readonly colour: number | string | undefined;
  readonly background: number | string | undefined;
  /** Words of CSS classes. */
  readonly marks: readonly TextMark[];
}

export interface Span {
  readonly text: string;
  /** undefined: no style at all. */
  readonly style: Style | undefined;
}

/** The pieces of a line; their texts joined are what `seenText` gives. */
export function toSpans(text: string): Span[] {
  return screenOf(text).map((piece) => ({ text: piece.text, style: toStyle(piece.style) }));
}

function toStyle({ colour: fore, background: back, marks }: TextStyle): Style | undefined {
  if (fore === undefined && back === undefined && marks.length === 0) return undefined;
  let [colour, background] = [toColour(fore), toColour(back)];
  if (marks.includes("reverse")) [colour, background] = [background ?? "reverse", colour ?? "reverse"];
  return { colour, background, marks: marks.filter((mark) => mark !== "reverse") };
}

function toColour(colour: TextColour | undefined): number | string | undefined {
  if (colour === undefined) return undefined;
  return typeof colour === "number" ? tableColour(colour) : rgb(...colour);
}

/** xterm's 256 colours: 16 named ones, a cube of six levels each, 24 greys. */
function tableColour(index: number): number | string {
  if (index < 16) return index;
  if (index >= 232) return rgb(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10);
  const level = (n: number) => (n === 0 ? 0 : 55 + n * 40);
  const cube = index - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function rgb(red: number, green: number, blue: number): string {
  return `rgb(${red}, ${green}, ${blue})`;
}

/** True if white text on an `rgb(…)` of ours stands out more than black text, by the WCAG's luminance. */
export function isDark(colour: string): boolean {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
}
