// Colour, or none: decided once for each end of the process.
import { createHash } from "node:crypto";

export type ColorChoice = "auto" | "always" | "never";

export const resetColor = "\x1b[0m";

export interface Style {
  readonly enabled: boolean;
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  /** The same colour for the same key, always and everywhere. */
  stable(key: string, text: string): string;
}

/** The flag first, then NO_COLOR, FORCE_COLOR, and whether it is a terminal that can. */
export function hasColor(
  choice: ColorChoice,
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): boolean {
  if (choice !== "auto") return choice === "always";
  if (env["NO_COLOR"]) return false;
  const force = env["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  return isTTY && env["TERM"] !== "dumb";
}

export function createStyle(enabled: boolean): Style {
  const sgr = (code: string) => (text: string) => (enabled ? `\x1b[${code}m${text}${resetColor}` : text);
  return {
    enabled,
    bold: sgr("1"),
    dim: sgr("2"),
    red: sgr("31"),
    green: sgr("32"),
    yellow: sgr("33"),
    cyan: sgr("36"),
    stable: (key, text) => sgr(`38;5;${stableColors[hash(key) % stableColors.length]}`)(text),
  };
}

/** The colours of the 256 that can be told apart and read on a black and on a white background. */
const stableColors = [33, 166, 35, 134, 172, 37, 161, 71, 99, 208, 31, 169, 64, 141, 130, 44] as const;

function hash(key: string): number {
  return createHash("sha1").update(key).digest().readUInt32BE(0);
}
