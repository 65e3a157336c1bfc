// Looks at records in their order for where their lines end: leaves out the lines that a reader took before, and tells
// whether the records so far end between two lines. Lines count where they end, as whoever splits them counts.
import { newlineByte } from "../../base/bytes.ts";
import { lineBytesMax } from "../../base/limits.ts";
import type { StreamName } from "../../log/line-batch.ts";
import { type LogRecord, logPartBytes } from "./record-format.ts";

/** Returns what a record ends: its line, nothing (a part of a longer one), or the output of its stream. */
export function endOf({ bytes }: LogRecord): "line" | "part" | "stream" {
  if (bytes[bytes.length - 1] === newlineByte) return "line";
  // This is the size at which the engine cuts lines.
  return bytes.length >= logPartBytes ? "part" : "stream";
}

export class LineEnds {
  readonly #goesOn: Record<StreamName, boolean> = { stdout: false, stderr: false };
  /** Parts of a line of which it is not known yet whether it is to be left out. */
  readonly #held: Record<StreamName, LogRecord[]> = { stdout: [], stderr: [] };
  #skip: number;

  /** `skipLines`: so many lines are left out first. */
  constructor(skipLines = 0) {
    this.#skip = skipLines;
  }

  /** True if no stream has an open line, and all that was to be left out has come. */
  get isBetween(): boolean {
    return this.#skip === 0 && !this.#goesOn.stdout && !this.#goesOn.stderr;
  }

  /** Takes the next record; adds to `out` what is to be handed on. */
  take(record: LogRecord, out: LogRecord[]): void {
    const end = endOf(record);
    this.#goesOn[record.stream] = end === "part";
    if (this.#skip === 0) out.push(record);
    else if (end !== "line") this.#hold(record);
    else {
      this.#held[record.stream] = [];
      if (--this.#skip === 0) this.#release(out);
    }
  }

  /**
   * Resets the state before a gap: behind it, nothing was taken and no line is open. Adds to `out` what is to be
   * handed on before it.
   */
  restart(out: LogRecord[]): void {
    this.#skip = 0;
    this.#goesOn.stdout = this.#goesOn.stderr = false;
    this.#release(out);
  }

  /** Holds a part up to the largest line: what is longer is cut off anyway. */
  #hold(record: LogRecord): void {
    const held = this.#held[record.stream];
    if (held.length * logPartBytes <= lineBytesMax) held.push(record);
  }

  #release(out: LogRecord[]): void {
    for (const held of Object.values(this.#held)) out.push(...held.splice(0));
  }
}
