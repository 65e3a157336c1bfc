// Joins the records of an engine's log to whole lines: a line longer than 16 KiB comes in parts, and the parts of the two
// streams may stand between each other. It is bytes that are joined, so a character may be cut between two parts. A record
// that is shorter than a part and has no newline ends its line, too: its stream had ended, or (driver `local` through the
// logs API, 20.10) the newline behind the last part is left out.
//
// Where text is missing, what there is of a line on either side is no whole line: it is handed out marked as cut.
import { newlineByte } from "../../base/bytes.ts";
import { lineBytesMax } from "../../base/limits.ts";
import type { Stamp } from "../../base/stamp.ts";
import type { StreamName } from "../../log/line-batch.ts";
import type { OutputChunk } from "../output.ts";
import { endOf } from "./line-ends.ts";
import { type LogRecord, logPartBytes } from "./record-format.ts";

const newline = new Uint8Array([newlineByte]);
const streamNames = ["stdout", "stderr"] as const;

/** A line with its newline. */
export interface JoinedLine extends OutputChunk {
  stamp: Stamp | undefined;
}

/** The line of one stream whose end has not come. */
interface Begun {
  parts: Uint8Array[];
  bytes: number;
  stamp: Stamp | undefined;
  /** Something is missing before it. */
  isCut: boolean;
}

export class LineJoiner {
  readonly #begun: Record<StreamName, Begun> = { stdout: nothing(), stderr: nothing() };

  /** True if no stream has a line that goes on. */
  get isBetween(): boolean {
    return this.#begun.stdout.bytes === 0 && this.#begun.stderr.bytes === 0;
  }

  /** Takes the next record. Returns the line that it ends; undefined while the line goes on. */
  add(record: LogRecord): JoinedLine | undefined {
    const { stream, bytes } = record;
    const begun = this.#begun[stream];
    const end = endOf(record);
    if (end === "part") {
      hold(begun, bytes, recordStamp(record));
      return undefined;
    }
    const text = end === "line" ? bytes : Buffer.concat([bytes, newline]);
    const line: JoinedLine = { stream, bytes: text, stamp: recordStamp(record) };
    if (begun.bytes > 0) line.bytes = Buffer.concat([...begun.parts, text]);
    if (begun.isCut) line.isCut = true;
    if (begun.bytes > 0 || begun.isCut) this.#begun[stream] = nothing();
    return line;
  }

  /** Puts text before the line of a stream that goes on, in place of what there is of it. */
  begin(stream: StreamName, text: Uint8Array): void {
    const begun = this.#begun[stream];
    begun.parts = [];
    begun.bytes = 0;
    hold(begun, text, begun.stamp);
  }

  /** Returns the bytes there are of the line that goes on. */
  begunBytes(stream: StreamName): number {
    return this.#begun[stream].bytes;
  }

  /** The streams whose next line may lack its beginning. */
  get cutStreams(): StreamName[] {
    return streamNames.filter((stream) => this.#begun[stream].isCut);
  }

  set cutStreams(streams: readonly StreamName[]) {
    for (const stream of streams) this.#begun[stream].isCut = true;
  }

  /** Forgets what there is of the line of a stream. */
  forget(stream: StreamName): void {
    this.#begun[stream] = nothing();
  }

  /** Something is missing here: gives what there is of lines whose ends are missing; lines behind may lack their beginnings. */
  breakOff(): JoinedLine[] {
    const lines = this.rest();
    for (const line of lines) line.isCut = true;
    this.cutStreams = streamNames;
    return lines;
  }

  /** The streams have ended: gives what has no newline, as lines. */
  rest(): JoinedLine[] {
    const lines: JoinedLine[] = [];
    for (const stream of streamNames) {
      const { parts, bytes, stamp, isCut } = this.#begun[stream];
      if (bytes > 0)
        lines.push({ stream, bytes: Buffer.concat([...parts, newline]), stamp, ...(isCut && { isCut }) });
      this.#begun[stream] = nothing();
    }
    return lines;
  }
}

const nothing = (): Begun => ({ parts: [], bytes: 0, stamp: undefined, isCut: false });

/** Holds a part up to the largest line: what is longer is cut off anyway. */
function hold(begun: Begun, bytes: Uint8Array, stamp: Stamp | undefined): void {
  begun.stamp = stamp;
  if (begun.bytes > lineBytesMax + logPartBytes) return;
  begun.parts.push(bytes);
  begun.bytes += bytes.length;
}

export function recordStamp({ seconds, nanos }: LogRecord): Stamp | undefined {
  return seconds === undefined || nanos === undefined ? undefined : { seconds, nanos };
}
