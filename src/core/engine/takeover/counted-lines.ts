// The place in an engine's log behind lines that came by an attach: the log and what was taken are both beginnings of one
// stream, in the engine's order for each of stdout and stderr, and the log keeps all since the container began. So the place
// is the number of lines taken, counted for each stream from the beginning. Nothing is recognised: lines may all be equal,
// come again after a restart, and bear any stamps. The last lines only confirm: where they are others, a gap says so.
import { newlineByte } from "../../base/bytes.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { OutputChunk, Taken } from "../output.ts";

/** The number of last lines of each stream that are compared, and of bytes of each. */
const comparedMax = 8;
const comparedBytesMax = 8192;

const decoder = new TextDecoder();

export class CountedLines {
  /** False: how many lines were taken is not known. */
  readonly isExact: boolean;
  readonly #left: Record<StreamName, number>;
  readonly #taken: Record<StreamName, string[]>;
  /** The same lines as the log has them. */
  readonly #logged: Record<StreamName, string[]> = { stdout: [], stderr: [] };

  private constructor({ stdout, stderr, isExact }: Taken, last: Record<StreamName, string[]>) {
    this.#left = { stdout, stderr };
    this.isExact = isExact;
    this.#taken = last;
  }

  /** Counts the lines taken; call it before anything behind them is taken. */
  static async behind(taken: Taken): Promise<CountedLines> {
    const last: Record<StreamName, string[]> = { stdout: [], stderr: [] };
    for (const batch of await taken.lastLines(2 * comparedMax))
      for (const { stream, text } of batch.lines()) last[stream].push(comparable(Buffer.from(text)));
    return new CountedLines(taken, last);
  }

  /** True if all of them have been met. */
  get isDone(): boolean {
    return this.#left.stdout === 0 && this.#left.stderr === 0;
  }

  /** The streams of which more lines were taken than the log has had so far. */
  get streamsBehind(): StreamName[] {
    return (["stdout", "stderr"] as const).filter((stream) => this.#left[stream] > 0);
  }

  /** Takes the next line of the log. Returns true if it was taken before. */
  leavesOut({ stream, bytes }: OutputChunk): boolean {
    const left = this.#left[stream]--;
    if (left <= 0) {
      this.#left[stream] = 0;
      return false;
    }
    if (left <= comparedMax) this.#logged[stream].push(comparable(bytes));
    return true;
  }

  /** True if the last lines taken are where they are counted. */
  get agrees(): boolean {
    return (["stdout", "stderr"] as const).every((stream) => {
      const logged = this.#logged[stream];
      const taken = this.#taken[stream].slice(-logged.length);
      return logged.length === 0 || taken.every((text, at) => text === logged.at(at - taken.length));
    });
  }
}

/**
 * Returns the text to compare: a driver's replacement for bytes that are no text, and a terminal's line end, count as
 * equal.
 */
function comparable(bytes: Uint8Array): string {
  const end = bytes[bytes.length - 1] === newlineByte ? bytes.length - 1 : bytes.length;
  const text = decoder.decode(bytes.subarray(0, Math.min(end, comparedBytesMax)));
  return text.replace(/\ufffd+/g, "\ufffd").replace(/\r$/, "");
}
