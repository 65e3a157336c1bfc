// JSON that a stranger wrote, as a value. What is nested deeper than anything here needs is refused: whoever walks through
// such a value later would run out of stack.
import { TasklogError } from "../../../core/base/errors.ts";

/** The deepest nesting of JSON that strangers send. */
const jsonDepthMax = 64;

/** `what` names the text in the error. @throws TasklogError "invalid" */
export function parseJson(text: string, what: string): unknown {
  requireFlat(text, what);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TasklogError("invalid", `${what} is no JSON`, { cause: error });
  }
}

function requireFlat(text: string, what: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    if (depth > jsonDepthMax) {
      throw new TasklogError("invalid", `${what} is nested deeper than ${jsonDepthMax} levels`);
    }
  }
}
