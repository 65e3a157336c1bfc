// Which lines of a log somebody wants to see: of which stream, matching a pattern, not matching another.
import type { LineBatch, StreamName } from "../log/line-batch.ts";
import { createTextMatcher, type TextMatcher } from "./text-matcher.ts";

export interface LineFilterOptions {
  /** The only stream to show. */
  readonly stream?: StreamName | undefined;
  /** Patterns, as RE2 knows them; empty: none. */
  readonly include?: string | undefined;
  readonly exclude?: string | undefined;
}

export class LineFilter {
  readonly #stream: StreamName | undefined;
  readonly #include: TextMatcher | undefined;
  readonly #exclude: TextMatcher | undefined;

  private constructor({ stream, include, exclude }: LineFilterOptions) {
    this.#stream = stream;
    this.#include = include ? createTextMatcher({ text: include, isPattern: true }, "include") : undefined;
    this.#exclude = exclude ? createTextMatcher({ text: exclude, isPattern: true }, "exclude") : undefined;
  }

  /** Undefined when all lines are wanted. @throws TasklogError "invalid" */
  static of(options: LineFilterOptions): LineFilter | undefined {
    const { stream, include, exclude } = options;
    return stream === undefined && !include && !exclude ? undefined : new LineFilter(options);
  }

  takesStream(stream: StreamName): boolean {
    return this.#stream === undefined || this.#stream === stream;
  }

  /** Indexes of the wanted lines, in order. The event loop has its turns meanwhile. @throws the signal's reason. */
  async select(batch: LineBatch, signal: AbortSignal): Promise<number[]> {
    let wanted = (await this.#include?.matches(batch, signal)) ?? allOf(batch);
    const stream = this.#stream;
    if (stream !== undefined) wanted = wanted.filter((index) => batch.streamAt(index) === stream);
    if (this.#exclude === undefined || wanted.length === 0) return wanted;
    const unwanted = new Set(await this.#exclude.matches(batch, signal));
    return unwanted.size === 0 ? wanted : wanted.filter((index) => !unwanted.has(index));
  }
}

function allOf({ count }: LineBatch): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
