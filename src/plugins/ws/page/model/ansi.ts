// From a line's bytes-as-text to pieces with colours. The library knows colours only, and takes everything from an
// escape to the next `m`; so other sequences are taken out first: those that move a cursor or erase mean nothing in a
// log, hyperlinks leave their text, and anything else stays to be shown by name. Colours do not carry over to the next
// line: a viewer that starts in the middle could not know them.
import { type Color, createAnsiSequenceParser, type DecorationType, namedColors } from "ansi-sequence-parser";

export interface Style {
  /** Number of one of the 16 colours, or a CSS colour; undefined: the default. */
  readonly colour: number | string | undefined;
  readonly background: number | string | undefined;
  /** Words of CSS classes: bold, dim, italic, underline, strikethrough, overline, hidden. */
  readonly marks: readonly string[];
}

export interface Span {
  readonly text: string;
  /** undefined: no style at all. */
  readonly style: Style | undefined;
}

const csi = /\u001b\[([0-?]*)([ -/]*)([@-~])/g;
const hyperlink = /\u001b\]8;[^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
const charset = /\u001b[()][0-9A-Za-z]/g;
const colours = /\u001b\[[\d;]*m/g;

/** Only colours are left in it, each in the form that the library knows. */
function normalise(text: string): string {
  return text
    .replace(hyperlink, "")
    .replace(charset, "")
    .replace(csi, (_, params: string, between: string, final: string) => {
      if (final !== "m" || between !== "" || !/^[\d;:]*$/.test(params)) return "";
      const codes = params.replace(/(^|;)([34]8):2:\d*:(\d+:\d+:\d+)/g, "$1$2:2:$3").replaceAll(":", ";");
      return `\u001b[${codes === "" ? "0" : codes}m`;
    });
}

/** The text without its escape sequences: what a person reads, searches and copies. */
export function plainText(text: string): string {
  return text.includes("\u001b") ? normalise(text).replace(colours, "") : text;
}

/** The pieces of a text; their texts joined are `plainText(text)`. */
export function toSpans(text: string): Span[] {
  if (!text.includes("\u001b")) return [{ text, style: undefined }];
  const spans: Span[] = [];
  const parser = createAnsiSequenceParser();
  const clean = normalise(text);
  let from = 0;
  for (const match of clean.matchAll(colours)) {
    append(parser.parse(clean.slice(from, match.index)), spans, false);
    append(parser.parse(match[0]), spans, false);
    from = match.index + match[0].length;
  }
  append(parser.parse(clean.slice(from)), spans, true);
  return spans;
}

function append(
  tokens: ReturnType<ReturnType<typeof createAnsiSequenceParser>["parse"]>,
  spans: Span[],
  last: boolean,
) {
  for (const { value, foreground, background, decorations } of tokens) {
    if (value !== "") spans.push({ text: value, style: toStyle(foreground, background, decorations) });
  }
  if (last && spans.length === 0) spans.push({ text: "", style: undefined });
}

function toStyle(
  fore: Color | null,
  back: Color | null,
  decorations: Set<DecorationType>,
): Style | undefined {
  if (fore === null && back === null && decorations.size === 0) return undefined;
  let [colour, background] = [toColour(fore), toColour(back)];
  if (decorations.has("reverse")) [colour, background] = [background ?? "reverse", colour ?? "reverse"];
  return { colour, background, marks: [...decorations].filter((mark) => mark !== "reverse") };
}

function toColour(colour: Color | null): number | string | undefined {
  if (colour === null) return undefined;
  if (colour.type === "named") return namedColors.indexOf(colour.name);
  if (colour.type === "rgb") return rgb(...colour.rgb);
  return tableColour(colour.index);
}

/** xterm's 256 colours: 16 named ones, a cube of six levels each, 24 greys. */
function tableColour(index: number): number | string | undefined {
  if (!(index >= 0 && index <= 255)) return undefined;
  if (index < 16) return index;
  if (index >= 232) return rgb(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10);
  const level = (n: number) => (n === 0 ? 0 : 55 + n * 40);
  const cube = index - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function rgb(red: number, green: number, blue: number): string {
  const byte = (n: number) => Math.min(255, Math.max(0, n));
  return `rgb(${byte(red)}, ${byte(green)}, ${byte(blue)})`;
}

/** Whether white text on an `rgb(…)` of ours stands out more than black text, by the WCAG's luminance. */
export function isDark(colour: string): boolean {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
}
