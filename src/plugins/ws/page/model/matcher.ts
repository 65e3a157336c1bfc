// The matcher that marks search results in the lines on the screen. The server does the looking; this is the same
// engine (RE2), so exactly that is marked, and no pattern takes more than linear time, which the browser's own would.
import { createTextMatcher, type TextMatcher } from "../../../../core/search/text-matcher.ts";

export interface FindQuery {
  readonly text: string;
  readonly regex: boolean;
  readonly caseSensitive: boolean;
}

/** undefined: nothing to look for, or a pattern that is not finished yet. */
export function toMatcher({ text, regex, caseSensitive }: FindQuery): TextMatcher | undefined {
  if (text === "") return undefined;
  try {
    return createTextMatcher({ text, isPattern: regex, caseSensitive }, "the text to find");
  } catch {
    return undefined; // The server says what is wrong with it.
  }
}
