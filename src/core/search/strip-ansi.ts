// Terminal escapes out of text, for those who look for what a person sees. Newlines are never taken, so lines stay
// lines; each alternative begins with ESC and cannot match in two ways, so the time is linear.

const escapePattern =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]?|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[PX^_][^\x1b\n]*(?:\x1b\\)?|[ -/]*[0-~]?)/g;

export const escapeByte = 0x1b;

/** Works on characters and on bytes read as Latin-1 alike. */
export function stripAnsi(text: string): string {
  return text.includes("\x1b") ? text.replace(escapePattern, "") : text;
}
