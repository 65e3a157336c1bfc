// Finds the lines of a batch that hold a text, or match a pattern, as a person sees them: as a terminal shows the line
// when it has ended; or in what was written over in it before, such as an earlier state of a progress bar.
// Plain text is looked for in the bytes of the whole batch at once, and a line becomes a string only when it must.
// Patterns are RE2's: whoever may read a log may send one, and RE2 takes linear time for each (one of the runtime's own
// can take minutes for a line, tried under Bun 1.4.5). So they know no look-around and no back-references. What one costs
// is bounded as well: in its size (compile-pattern.ts), in how much of a line is matched, and in the event loop's time.
import { TasklogError } from "../base/errors.ts";
import { matchedLineMax, rangesMs, searchTextMax } from "../base/limits.ts";
import type { LineBatch } from "../log/line-batch.ts";
import { escapeByte, stripEscapes } from "./escapes.ts";
import { isOverwritten } from "./line-screen.ts";
import { matchingTurn } from "./matching-turns.ts";
import { overwrittenTexts, seenText } from "./seen-text.ts";
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
  /** True if it matches in the line with this text. */
  matchesLine(text: string): boolean;
  /**
   * The matches in the seen text of a line: [start, end) in UTF-16 units; none of them is empty. There are none when
   * it matches only in what was written over, and fewer when finding them takes long.
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
  // The case of other letters than ASCII's does not show in their bytes, and no text that is seen has controls in it.
  const isInBytes = !/[\x00-\x08\x0a-\x1f]/.test(text) && (caseSensitive || /^[\x00-\x7f]*$/.test(text));
  if (isInBytes) return new ByteMatcher(text, caseSensitive);
  return new LineMatcher(caseSensitive ? textFinder(text, true) : foldedFinder(text));
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
      if (this.matchesLine(batch.textAt(index))) found.push(index);
    }
    return found;
  }

  matchesLine(text: string): boolean {
    if (this.#finder.isIn(seenText(text))) return true;
    let length = 0;
    for (const part of overwrittenTexts(text)) {
      if (this.#finder.isIn(part)) return true;
      length += part.length;
      if (length > matchedLineMax) break;
    }
    return false;
  }

  ranges(text: string, countMax: number): Array<[number, number]> {
    const found: Array<[number, number]> = [];
    const seen = seenText(text);
    const endsMs = performance.now() + rangesMs;
    for (const range of this.#finder.ranges(seen)) {
      found.push(range);
      if (found.length >= countMax || performance.now() > endsMs) break;
    }
    return found;
  }
}

/** Looks at the bytes of all lines at once. */
class ByteMatcher extends LineMatcher {
  readonly #text: string;
  readonly #caseSensitive: boolean;
  /** Its bytes, and those as text that was read as Latin-1, so that a byte is a character. Not made in a browser. */
  #needle: { readonly bytes: Buffer; readonly text: string } | undefined;

  constructor(text: string, caseSensitive: boolean) {
    super(textFinder(text, caseSensitive));
    this.#text = text;
    this.#caseSensitive = caseSensitive;
  }

  override async matches(batch: LineBatch, signal: AbortSignal): Promise<number[]> {
    const turn = matchingTurn();
    if (turn !== undefined) await turn;
    signal.throwIfAborted();
    this.#needle ??= this.#makeNeedle();
    const { bytes, text: needle } = this.#needle;
    const { buffer, byteOffset, byteLength } = batch.block;
    const block = Buffer.from(buffer, byteOffset, byteLength);
    if (block.includes(escapeByte) || block.includes(0x08) || block.includes(0x0d)) {
      const escaped = block.toString("latin1");
      if (isOverwritten(escaped)) return await super.matches(batch, signal);
      return linesWith(this.#inCase(stripEscapes(escaped)), needle);
    }
    if (this.#caseSensitive) return hits(batch, (from) => block.indexOf(bytes, from));
    const text = this.#inCase(block.toString("latin1"));
    return hits(batch, (from) => text.indexOf(needle, from));
  }

  #makeNeedle() {
    const bytes = Buffer.from(this.#text);
    return { bytes, text: this.#inCase(bytes.toString("latin1")) };
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
