// Text that is made short enough for a call.

/** A text of the task itself, such as its name or its image, is cut to this many bytes as JSON. */
const textBytesMax = 500;

/**
 * Returns the text, or its beginning and "…" if it takes more than `max` bytes as JSON, where a control character takes
 * six: the bound is on what is sent.
 */
export function cut(text: string, max = textBytesMax): string {
  const bytes = (part: string): number => Buffer.byteLength(JSON.stringify(part.toWellFormed())) - 2;
  if (text.length <= max && bytes(text) <= max) return text.toWellFormed();
  let length = Math.min(text.length, max);
  while (length > 0 && bytes(text.slice(0, length)) > max - 3) length = Math.floor(length * 0.9);
  return `${text.slice(0, length).toWellFormed()}…`;
}
