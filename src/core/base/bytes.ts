// Bytes: those of ASCII that formats of lines are made of, by name; a piece joined to what came before it; and sizes as
// people read and write them, in powers of 1024 as docker has them.

export const newlineByte = 10;
export const carriageReturnByte = 13;
export const quoteByte = 34;
export const letterZByte = 90;
export const backslashByte = 92;

/** Joins what is held already and what came behind it. The result is not a copy where nothing is held. */
export function joinBytes<Bytes extends Uint8Array>(held: Bytes, more: Bytes): Bytes | Buffer {
  return held.length === 0 ? more : Buffer.concat([held, more]);
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Formats a size: `512 B`, `1.5 KiB`, `20 MiB`. */
export function formatBytes(bytes: number): string {
  return sizeText(bytes, Math.round);
}

/** The same, rounded up: a size that is beyond a limit never reads like the limit. */
export function formatBytesUp(bytes: number): string {
  return sizeText(bytes, Math.ceil);
}

/** Below 10 of a unit there is one digit behind the point. What rounds to 1024 is one of the next unit. */
function sizeText(bytes: number, round: (value: number) => number): string {
  let value = bytes;
  let unit = 0;
  while (round(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const rounded = value < 10 && unit > 0 ? round(value * 10) / 10 : round(value);
  return `${rounded} ${units[unit]}`;
}

/** Reads `512m`, `2g`, `1.5GiB`; a bare number is bytes. Gives whole bytes, at least 1; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, digits, letter = "b"] = /^(\d+(?:\.\d+)?)([bkmgt])?(?:i?b)?$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = Number(digits) * 1024 ** "bkmgt".indexOf(letter.toLowerCase());
  return value < 1 || value > Number.MAX_SAFE_INTEGER ? undefined : Math.round(value);
}
