// The look of a piece of text on a terminal: colours, and marks such as bold. Read from the parameters of SGR
// sequences (`ESC [ … m`), where `4:3` is one parameter with a sub-parameter (a curly underline) and not the two
// `4;3`.

/** A colour: one of the 256 by its number, or red, green and blue, each 0 to 255. */
export type TextColour = number | readonly [red: number, green: number, blue: number];

export type TextMark =
  | "bold"
  | "dim"
  | "italic"
  | "underline"
  | "reverse"
  | "hidden"
  | "strikethrough"
  | "overline";

export interface TextStyle {
  readonly colour?: TextColour;
  readonly background?: TextColour;
  readonly marks: readonly TextMark[];
}

export const plainStyle: TextStyle = { marks: [] };

const markOf: Record<number, TextMark> = {
  1: "bold",
  2: "dim",
  3: "italic",
  4: "underline",
  7: "reverse",
  8: "hidden",
  9: "strikethrough",
  21: "underline",
  53: "overline",
};
const codeOf: Record<TextMark, number> = {
  bold: 1,
  dim: 2,
  italic: 3,
  underline: 4,
  reverse: 7,
  hidden: 8,
  strikethrough: 9,
  overline: 53,
};
const ended: Record<number, readonly TextMark[]> = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["reverse"],
  28: ["hidden"],
  29: ["strikethrough"],
  55: ["overline"],
};

/** The style behind an SGR sequence, which is the whole of `ESC [ … m`. */
export function styleAfter(style: TextStyle, sequence: string): TextStyle {
  const fields = sequence
    .slice(2, -1)
    .split(";")
    .map((field) => field.split(":").map((part) => (part === "" ? undefined : Number(part))));
  let after = style;
  for (let at = 0; at < fields.length; at++) {
    const [code = 0, ...sub] = fields[at] ?? [];
    if (code !== 38 && code !== 48 && code !== 58) {
      after = afterCode(after, code, sub[0]);
      continue;
    }
    // `38:2::1:2:3` stands by itself; of `38;2;1;2;3` the next fields are a part.
    const isOne = sub.length > 0;
    const rest = isOne ? sub : fields.slice(at + 1).map(([first]) => first);
    const [colour, used] = colourOf(rest, isOne);
    if (!isOne) at += used;
    if (colour === undefined) continue;
    if (code === 38) after = { ...after, colour };
    else if (code === 48) after = { ...after, background: colour };
  }
  return after;
}

function afterCode(style: TextStyle, code: number, sub: number | undefined): TextStyle {
  if (code === 0) return plainStyle;
  if (code === 4 && sub === 0) return without(style, ["underline"]);
  const mark = markOf[code];
  if (mark !== undefined) {
    return style.marks.includes(mark) ? style : { ...style, marks: [...style.marks, mark] };
  }
  const ends = ended[code];
  if (ends !== undefined) return without(style, ends);
  if (code >= 30 && code <= 37) return { ...style, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, colour: code - 82 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 };
  if (code === 39) {
    const { colour: _, ...rest } = style;
    return rest;
  }
  if (code === 49) {
    const { background: _, ...rest } = style;
    return rest;
  }
  return style;
}

function without(style: TextStyle, marks: readonly TextMark[]): TextStyle {
  return { ...style, marks: style.marks.filter((mark) => !marks.includes(mark)) };
}

/** A colour behind 38, 48 or 58, and how many parameters it took. `isOne`: they are all its own. */
function colourOf(
  parts: readonly (number | undefined)[],
  isOne: boolean,
): [colour: TextColour | undefined, used: number] {
  const [kind, ...rest] = parts;
  if (kind === 5) return [isByte(rest[0] ?? 0) ? (rest[0] ?? 0) : undefined, 2];
  if (kind !== 2) return [undefined, 1];
  // With sub-parameters the colour space stands in front, which most programs leave out.
  const [red = 0, green = 0, blue = 0] = isOne && rest.length > 3 ? rest.slice(1) : rest;
  return [isByte(red) && isByte(green) && isByte(blue) ? [red, green, blue] : undefined, 4];
}

function isByte(value: number): boolean {
  return value >= 0 && value <= 255;
}

/** The sequence that makes a terminal draw so, whatever it drew like before. */
export function sequenceOf({ colour, background, marks }: TextStyle): string {
  const codes = ["0", ...marks.map((mark) => String(codeOf[mark]))];
  if (colour !== undefined) codes.push(colourCode(3, colour));
  if (background !== undefined) codes.push(colourCode(4, background));
  return `\x1b[${codes.join(";")}m`;
}

function colourCode(ground: 3 | 4, colour: TextColour): string {
  if (typeof colour !== "number") return `${ground}8;2;${colour.join(";")}`;
  if (colour < 8) return `${ground}${colour}`;
  if (colour < 16) return String(ground * 10 + 60 + colour - 8);
  return `${ground}8;5;${colour}`;
}
