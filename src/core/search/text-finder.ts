// Finds a text or a pattern in one line, as a string without terminal escapes. Neither takes longer than its bounds: a
// pattern by its size and by how much of the line is matched, a text because nothing is tried twice at a place.
import { RE2JS } from "re2js";
import { matchedLineMax } from "../base/limits.ts";
import { compilePattern, matchedLength } from "./compile-pattern.ts";

export interface TextFinder {
  isIn(line: string): boolean;
  /** The places of matches as [start, end) in UTF-16 units, in order; none is empty. */
  ranges(line: string): Iterable<[start: number, end: number]>;
}

/** The first `matchedLineMax` characters of a line are matched; fewer for a large pattern. @throws TasklogError "invalid" */
export function patternFinder(source: string, caseSensitive: boolean, what: string): TextFinder {
  const pattern = compilePattern(source, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE, what);
  const lengthMax = matchedLength(pattern, matchedLineMax);
  return {
    isIn: (line) => pattern.test(line.slice(0, lengthMax)),
    *ranges(line) {
      const matcher = pattern.matcher(line.slice(0, lengthMax));
      while (matcher.find()) if (matcher.end() > matcher.start()) yield [matcher.start(), matcher.end()];
    },
  };
}

/** Finds a text, on request without regard to the case of ASCII letters. */
export function textFinder(text: string, caseSensitive: boolean): TextFinder {
  const inCase = (line: string): string => (caseSensitive ? line : lowerCase(line));
  const wanted = inCase(text);
  return {
    isIn: (line) => inCase(line).includes(wanted),
    *ranges(line) {
      const searched = inCase(line);
      for (let at = searched.indexOf(wanted); at !== -1; at = searched.indexOf(wanted, at + wanted.length)) {
        yield [at, at + wanted.length];
      }
    },
  };
}

/** Finds a text without regard to the case of any letter, in the first `matchedLineMax` characters of a line. */
export function foldedFinder(text: string): TextFinder {
  // A literal leaves the runtime's engine nothing to try in a second way.
  const once = new RegExp(RegExp.escape(text), "iu");
  const each = new RegExp(once, "giu");
  return {
    isIn: (line) => once.test(line.slice(0, matchedLineMax)),
    *ranges(line) {
      for (const { index, 0: found } of line.slice(0, matchedLineMax).matchAll(each)) {
        yield [index, index + found.length];
      }
    },
  };
}

/** Returns a text as long as `text`: the few letters whose length changes with their case stay as they are. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
