// The output of a container, the end of its run, and the place of a reader in it. These are the words that the
// engine's room and those who use it share; they name no worker and no task.

import type { Stamp } from "../base/stamp.ts";
import type { LineBatch, StreamName } from "../log/line-batch.ts";

/** Bytes of one stream as they came, cut anywhere. The buffer belongs to the receiver: nobody writes to it again. */
export interface OutputChunk {
  stream: StreamName;
  bytes: Uint8Array;
  /** The time at which it was printed, where the source knows it; else the reader's own time counts. */
  stamp?: Stamp | undefined;
  /** True for a line that may not be whole: its beginning or its end is missing at a gap beside it. */
  isCut?: true;
}

/** Output that is lost, at the place where it is missing. */
export interface OutputGap {
  missing: {
    /** The number of lines, where that is known. */
    lines?: number;
    /** A clause that says why: "the engine's log had rotated them away". */
    reason: string;
  };
}

/** One item of a run's output; consecutive chunks come together where a source has many small ones. */
export type OutputItem = OutputChunk | OutputGap | OutputChunk[];

/** The end of a run: an exit code, or a signal. After a signal, exitCode is 128+n. */
export interface RunResult {
  /** It is undefined when nobody saw the end, so that it is not known. */
  exitCode: number | undefined;
  /** The signal's name, such as "SIGKILL"; empty if the run ended by itself. */
  signal: string;
  oomKilled: boolean;
  /** Milliseconds of the Unix epoch. */
  startedMs: number;
  finishedMs: number;
  /** A sentence that says more of the end, if there is more to say. */
  message?: string;
}

/** The place of a reader in a run, as the lines it has taken already. */
export interface Taken {
  /** The lines of each stream since the run began. */
  stdout: number;
  stderr: number;
  /** False after a gap nobody could count: then the two numbers are too small by an unknown number of lines. */
  isExact: boolean;
  /** The text of each stream that came behind them and has no newline yet, where this reader has read it itself. */
  unfinished?: Partial<Record<StreamName, Uint8Array | undefined>>;
  /** Returns the number of the last line by now, gaps included: it grows while the run is read. */
  lastSeq(): number;
  /** The stamp of the last line that is there; undefined before the first. */
  lastStamp: Stamp | undefined;
  /** Returns the newest of them, oldest first, up to about `linesMax`: the place is recognised by them. */
  lastLines(linesMax: number): Promise<LineBatch[]>;
}
