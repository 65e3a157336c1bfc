// A line with carriage returns is several texts written over each other, as progress bars do. The last one that says
// something is what a terminal would show at the end; the others are kept for whoever unfolds the line.

/** The texts a line went through, oldest first; at least one. A carriage return at the end is no text. */
export function overwrites(text: string): string[] {
  if (!text.includes("\r")) return [text];
  const texts = text.split("\r").filter((part) => part !== "");
  return texts.length === 0 ? [""] : texts;
}
