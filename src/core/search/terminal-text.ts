// What a line of a task may write on somebody's terminal: text and colours. Whatever else could steer it (ask it for an
// answer that then counts as typed, fill its clipboard, name its window, clear it, hide its cursor, turn text around) is
// taken out where it is an escape sequence, and shown by a sign where it is one character.
import { isColour, partsOf } from "./escapes.ts";
import { isOverwritten, screenOf, withoutEnd } from "./line-screen.ts";
import { plainStyle, sequenceOf } from "./text-style.ts";

const colourEnd = "\x1b[0m";
const steering = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** One line, as it is seen when it has ended, with its colours; they end with it. */
export function terminalText(text: string): string {
  const line = withoutEnd(text);
  if (isOverwritten(line)) return screenText(line);
  if (!line.includes("\x1b")) return showControls(line);
  let shown = "";
  let isColoured = false;
  for (const part of partsOf(line)) {
    if (!part.isEscape) shown += showControls(part.text);
    else if (isColour(part.text)) {
      shown += part.text;
      isColoured = true;
    }
  }
  return isColoured ? shown + colourEnd : shown;
}

/** A line that goes behind a prefix, for who takes it as it is: only what would write over the prefix has its end state. */
export function prefixedText(text: string): string {
  return isOverwritten(text) ? screenText(text) : text;
}

/** The text with a sign for each control: it may be a name, and comes from anybody. */
export function showControls(text: string): string {
  return text.replace(steering, (found) => {
    const code = found.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

function screenText(line: string): string {
  const pieces = screenOf(line);
  if (pieces.every(({ style }) => style === plainStyle)) {
    return pieces.map((piece) => showControls(piece.text)).join("");
  }
  return pieces.map(({ text, style }) => sequenceOf(style) + showControls(text)).join("") + colourEnd;
}
