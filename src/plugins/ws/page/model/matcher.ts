// What somebody looks for, as one regular expression for the lines on the screen. The server does the looking; this
// only marks what it found where it is visible.

export interface FindQuery {
  readonly text: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
}

/** undefined: nothing to look for, or an expression that is not finished yet. */
export function toRegExp({ text, regex, caseSensitive }: FindQuery): RegExp | undefined {
  if (text === "") return undefined;
  try {
    const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(source, caseSensitive ? "gu" : "giu");
  } catch {
    return undefined;
  }
}

/** Where `found` matches in `text`: [start, end) pairs in order, at most `countMax`, none of them empty. */
export function matchRanges(found: RegExp, text: string, countMax = 200): [number, number][] {
  const ranges: [number, number][] = [];
  for (const match of text.matchAll(found)) {
    if (match[0] !== "") ranges.push([match.index, match.index + match[0].length]);
    if (ranges.length >= countMax) break;
  }
  return ranges;
}
