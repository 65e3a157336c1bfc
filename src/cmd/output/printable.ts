// Text of others in words of our own: a name, a label, a message that a worker or an engine wrote. Whatever could
// steer a terminal is made visible. A task's lines do not go through here.

/** Returns the text as one line without control characters. */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) =>
    character === "\t" || character === "\n" ? " " : "\ufffd",
  );
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Cuts the text to `width` columns; a cut text ends in `…`. The text must not hold escape sequences. */
export function truncate(text: string, width: number): string {
  if (Bun.stringWidth(text) <= width) return text;
  if (width <= 1) return "…".slice(0, Math.max(0, width));
  let shown = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += Bun.stringWidth(segment);
    if (used > width - 1) break;
    shown += segment;
  }
  return `${shown}…`;
}

/** Breaks at spaces so that no line is wider than `width` columns, unless a word is. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && Bun.stringWidth(line) + 1 + Bun.stringWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
