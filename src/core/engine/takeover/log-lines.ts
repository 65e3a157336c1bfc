// The engine's log read on from a place, as whole lines of both streams.
import { stampNow } from "../../base/clock.ts";
import type { Stamp } from "../../base/stamp.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { OutputChunk, OutputGap } from "../output.ts";
import { WholeLines } from "../records/whole-lines.ts";
import type { EngineCut } from "./engine-cut.ts";
import type { LogCursor } from "./log-cursor.ts";
import { streams } from "./log-position.ts";

/** Told where it leapt. */
export const rotatedTooFastReason = "the engine's log rotated faster than it could be read";

export class LogLines {
  /** How many records were read. */
  records = 0;
  readonly #cursor: LogCursor;
  /** Until the place in the log is reached where the engine broke off. */
  #cut: EngineCut | undefined;
  #lines = { stdout: new WholeLines(), stderr: new WholeLines() };

  constructor(cursor: LogCursor, cut: EngineCut | undefined) {
    this.#cursor = cursor;
    this.#cut = cut;
    cut?.beginsBehind(cursor.newest);
  }

  /** Of the newest record that was read. */
  get newest(): Stamp | undefined {
    return this.#cursor.newest;
  }

  /**
   * Reads on to the end that the log has now; "rotated": lines have gone before they could be read. `wants`: whether a
   * stream's lines are to be given.
   */
  async *readOn(wants: (stream: StreamName) => boolean): AsyncGenerator<OutputChunk | OutputGap | "rotated"> {
    for await (const record of this.#cursor.poll()) {
      if (record === "rotated") {
        this.#lines = { stdout: new WholeLines(), stderr: new WholeLines() };
        yield record;
        continue;
      }
      this.records++;
      const { stream, seconds, nanos } = record;
      if (!wants(stream)) continue;
      if (this.#cut?.isBefore(record)) yield* this.tellOfCut();
      const bytes = this.#lines[stream].add(record.bytes);
      if (bytes === undefined) continue;
      this.#cut?.hasLine(stream);
      const stamp = seconds === undefined || nanos === undefined ? stampNow() : { seconds, nanos };
      yield { stream, bytes, stamp };
    }
  }

  /** Before the first line that came after it. */
  *tellOfCut(): Generator<OutputChunk | OutputGap> {
    const cut = this.#cut;
    if (cut === undefined) return;
    this.#cut = undefined;
    const reason = cut.tell();
    for (const stream of streams) {
      const bytes = cut.beginning(stream, this.#lines[stream].rest());
      if (bytes !== undefined) yield { stream, bytes };
    }
    if (reason !== undefined) yield { missing: { reason } };
  }

  /** Text without newline of the streams that are wanted: the log has no more of it. */
  *rests(wants: (stream: StreamName) => boolean): Generator<OutputChunk> {
    for (const stream of streams) {
      const bytes = wants(stream) ? this.#lines[stream].rest() : undefined;
      if (bytes !== undefined) yield { stream, bytes };
    }
  }
}
