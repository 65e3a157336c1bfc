// Makes characters visible that would otherwise hide or reorder text: controls, marks of writing direction and characters
// without a width, by name. Tabs and line breaks (of unfolded lines) stay. What a log holds is shown, nothing acts.

const hidden =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

const c0Names =
  "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
    " ",
  );

const names: Record<number, string> = {
  173: "SHY",
  1564: "ALM",
  8203: "ZWSP",
  8204: "ZWNJ",
  8206: "LRM",
  8207: "RLM",
  8232: "LS",
  8233: "PS",
  8234: "LRE",
  8235: "RLE",
  8236: "PDF",
  8237: "LRO",
  8238: "RLO",
  8294: "LRI",
  8295: "RLI",
  8296: "FSI",
  8297: "PDI",
  65279: "BOM",
};

/** A piece of a text: as it is, or the name of a character that cannot be seen. */
export interface TextPiece {
  text: string;
  control: boolean;
}

/** The zero-width joiner and the narrow space belong to writing and emoji, and stay. */
function isHarmless(code: number): boolean {
  return code === 0x200d || code === 0x202f;
}

function nameOf(code: number): string {
  const c0 = c0Names[code];
  if (c0 !== undefined) return c0;
  return names[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Splits `text` into what is shown as it is and what is shown by name. */
export function visiblePieces(text: string): TextPiece[] {
  if (text.search(hidden) < 0) return [{ text, control: false }];
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(hidden)) {
    const code = match[0].charCodeAt(0);
    if (isHarmless(code)) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), control: false });
    pieces.push({ text: nameOf(code), control: true });
    from = match.index + 1;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), control: false });
  return pieces;
}

/** The same as one text, for what is said about a task: hidden characters by name in brackets, line breaks as spaces. */
export function visibleText(text: string): string {
  const line = text.replace(/[\t\n]+/g, " ");
  if (line.search(hidden) < 0) return line;
  return visiblePieces(line)
    .map((piece) => (piece.control ? `[${piece.text}]` : piece.text))
    .join("");
}
