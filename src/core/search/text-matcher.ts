// Finds the lines of a batch that hold a text, or match a pattern, as a person sees them: without terminal escapes.
// Plain text is looked for in the bytes of the whole batch at once, and a line becomes a string only when it must.
// Patterns are RE2's: whoever may read a log may send one, and RE2 takes linear time for each (one of the runtime's own
// can take minutes for a line, tried under Bun 1.4.5). So they know no look-around and no back-references. What one costs
// is bounded as well: in its size (compile-pattern.ts), in how much of a line is matched, and in the event loop's time.
import { TasklogError } from "../base/errors.ts";
import { rangesMs, searchTextMax } from "../base/limits.ts";
import type { LineBatch } from "../log/line-batch.ts";
import { matchingTurn } from "./matching-turns.ts";
import { escapeByte, stripAnsi } from "./strip-ansi.ts";
import { foldedFinder, patternFinder, type TextFinder, textFinder } from "./text-finder.ts";

export interface TextQuery {
  readonly text: string;
  /** `text` is a pattern. */
  readonly isPattern?: boolean;
  readonly caseSensitive?: boolean;
}

export interface TextMatcher {
  /** Indexes of the lines that match, in order. It gives the event loop its turns. @throws the signal's reason. */
  matches(batch: LineBatch, signal: AbortSignal): Promise<number[]>;
  /**
   * Where it matches in a line: [start, end) in UTF-16 units of its text without escapes; none of them is empty. Fewer
   * when finding them takes long.
   */
  ranges(text: string, countMax: number): Array<[start: number, end: number]>;
}

/** `what` names the text in the error. @throws TasklogError "invalid" */
export function createTextMatcher(
  { text, isPattern = false, caseSensitive = true }: TextQuery,
  what: string,
): TextMatcher {
  if (text.length > searchTextMax) {
    throw new TasklogError("invalid", `${what} is longer than ${searchTextMax} characters`);
  }
  if (text === "") throw new TasklogError("invalid", `${what} is empty`);
  if (isPattern && /[\\^$.*+?()[\]{}|]/.test(text)) {
    return new LineMatcher(patternFinder(text, caseSensitive, what));
  }
  // The case of other letters than ASCII's does not show in their bytes.
  const isInBytes = caseSensitive || /^[\x00-\x7f]*$/.test(text);
  return isInBytes ? new ByteMatcher(text, caseSensitive) : new LineMatcher(foldedFinder(text));
}

/** Looks at each line by itself. */
class LineMatcher implements TextMatcher {
  readonly #finder: TextFinder;

  constructor(finder: TextFinder) {
    this.#finder = finder;
  }

  async matches(batch: LineBatch, signal: AbortSignal): Promise<number[]> {
    const found: number[] = [];
    for (let index = 0; index < batch.count; index++) {
      const turn = matchingTurn();
      if (turn !== undefined) await turn;
      signal.throwIfAborted();
      if (this.#finder.isIn(stripAnsi(batch.textAt(index)))) found.push(index);
    }
    return found;
  }

  ranges(text: string, countMax: number): Array<[number, number]> {
    const found: Array<[number, number]> = [];
    const endsMs = performance.now() + rangesMs;
    for (const range of this.#finder.ranges(stripAnsi(text))) {
      found.push(range);
      if (found.length >= countMax || performance.now() > endsMs) break;
    }
    return found;
  }
}

/** Looks at the bytes of all lines at once. */
class ByteMatcher extends LineMatcher {
  readonly #bytes: Buffer;
  /** As it stands in text that was read as Latin-1, so that a byte is a character. */
  readonly #text: string;
  readonly #caseSensitive: boolean;

  constructor(text: string, caseSensitive: boolean) {
    super(textFinder(text, caseSensitive));
    this.#bytes = Buffer.from(text);
    this.#caseSensitive = caseSensitive;
    this.#text = this.#inCase(this.#bytes.toString("latin1"));
  }

  override async matches(batch: LineBatch, signal: AbortSignal): Promise<number[]> {
    const turn = matchingTurn();
    if (turn !== undefined) await turn;
    signal.throwIfAborted();
    const { buffer, byteOffset, byteLength } = batch.block;
    const block = Buffer.from(buffer, byteOffset, byteLength);
    if (block.includes(escapeByte)) {
      return linesWith(this.#inCase(stripAnsi(block.toString("latin1"))), this.#text);
    }
    if (this.#caseSensitive) return hits(batch, (from) => block.indexOf(this.#bytes, from));
    const text = this.#inCase(block.toString("latin1"));
    return hits(batch, (from) => text.indexOf(this.#text, from));
  }

  #inCase(text: string): string {
    return this.#caseSensitive ? text : text.toLowerCase();
  }
}

/** Lines in which `find` finds something; it takes and gives offsets from the batch's beginning. */
function hits(batch: LineBatch, find: (from: number) => number): number[] {
  const found: number[] = [];
  const start = batch.startOf(0);
  let line = -1;
  for (let at = find(0); at !== -1; at = find(batch.endOf(line) - start)) {
    line = lineAt(batch, start + at, line + 1);
    found.push(line);
    if (line === batch.count - 1) break;
  }
  return found;
}

/** The line with the byte at `offset` in it; not before line `from`. */
function lineAt(batch: LineBatch, offset: number, from: number): number {
  let [low, high] = [from, batch.count - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (batch.endOf(middle) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Numbers of the lines of `text` with `part` in them. */
function linesWith(text: string, part: string): number[] {
  const found: number[] = [];
  let line = 0;
  let lineStart = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, lineStart)) {
    let lineEnd = text.indexOf("\n", lineStart);
    while (lineEnd < at) {
      lineStart = lineEnd + 1;
      line++;
      lineEnd = text.indexOf("\n", lineStart);
    }
    found.push(line++);
    lineStart = lineEnd + 1;
  }
  return found;
}
