// Compiles the patterns that strangers send. RE2 takes linear time for each, but the time for one character grows with
// the size of the compiled pattern, and a few counted repetitions make it thousands of times as long: so what a pattern
// may cost is bounded here, before anything is matched.
import { RE2JS } from "re2js";
import { TasklogError } from "../base/errors.ts";
import { matchStepsMax, patternRepeatsMax, patternSizeMax } from "../base/limits.ts";

/** `what` names the pattern in the error. @throws TasklogError "invalid" */
export function compilePattern(source: string, flags: number, what: string): RE2JS {
  // Looked at in the text, too: compiling some of them takes 200 ms.
  requireSize(repeatsIn(source), patternRepeatsMax, "repetitions", what);
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(source, flags);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TasklogError("invalid", `${what} is no pattern that RE2 knows: ${reason}`, { cause: error });
  }
  requireSize(pattern.programSize(), patternSizeMax, "steps", what);
  return pattern;
}

/** Characters of a line that are matched: fewer for a large pattern, so that one line takes about as long for each. */
export function matchedLength(pattern: RE2JS, lengthMax: number): number {
  return Math.min(lengthMax, Math.floor(matchStepsMax / pattern.programSize()));
}

function requireSize(size: number, max: number, unit: string, what: string): void {
  if (size <= max) return;
  throw new TasklogError(
    "invalid",
    `${what} is too large a pattern: ${size} ${unit}, and ${max} are the most; make its counted repetitions, such as {100}, smaller`,
  );
}

/** The sum of all counts as in `{3}` and `{2,10}`. */
function repeatsIn(source: string): number {
  let sum = 0;
  for (const [, from = "0", to] of source.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g))
    sum += Number(to || from);
  return sum;
}
