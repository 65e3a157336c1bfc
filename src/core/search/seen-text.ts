// The text of a line as a person sees it: what is searched, found, marked, copied, and what a level is read from. It
// is the same function for the server and for the page, so both always mean the same text.
import { stripEscapes } from "./escapes.ts";
import { isOverwritten, screenOf, withoutEnd } from "./line-screen.ts";

/** The line as a terminal shows it when it has ended. */
export function seenText(text: string): string {
  if (!isOverwritten(text)) return stripEscapes(withoutEnd(text));
  return screenOf(text)
    .map((piece) => piece.text)
    .join("");
}

/**
 * The texts that were written over, oldest first: the texts between the carriage returns, as they were printed. Empty for a line
 * in which nothing was. The last text is left out where the line shows exactly that at its end.
 */
export function overwrittenTexts(text: string): string[] {
  if (!isOverwritten(text)) return [];
  const texts = withoutEnd(text)
    .split("\r")
    .map((part) => stripEscapes(part).replaceAll("\b", ""))
    .filter((part) => part !== "");
  if (texts.at(-1) === seenText(text)) texts.pop();
  return texts;
}
