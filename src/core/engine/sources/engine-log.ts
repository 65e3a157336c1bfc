// The engine's log of a container that tasklog did not start, as one ordered sequence of records of both streams that
// a reader may leave and take up again. There are two sources behind it: the log file itself, where this process may
// read it (no line lost, at any pace), and the engine's logs API, which says in `limits` what it cannot promise.
//
// A place is a position between two lines: records that leave a line unfinished come without one, so that who goes on
// at a place gets whole lines. Who keeps a place keeps the number of lines taken behind it, too, and is exact to the line.

import type { Stamp } from "../../base/stamp.ts";
import type { OutputGap } from "../output.ts";
import type { LogRecord } from "../records/record-format.ts";

/** The place of a reader in an engine's log: JSON that is stored as it is and means nothing to whoever keeps it. */
export type LogPlace = Readonly<Record<string, string | number>> & { readonly source: EngineLog["kind"] };

/** Consecutive records: lines, or parts of longer ones (without a newline at their end). Never empty. */
export interface EngineRecords {
  records: LogRecord[];
  /** Directly behind the last record; absent where that is no place between two lines. */
  place?: LogPlace;
  /** The offset in the log file behind the last record, in bytes; absent where the source is no file. */
  offset?: number;
}

export interface EngineLogQuery {
  /**
   * The place to read from; absent means the oldest record there is. A place of the other source is gone: that is
   * told as a gap.
   */
  from?: LogPlace | undefined;
  /**
   * The number of lines of both streams, counted by their newlines, to leave out behind `from`: they were taken
   * already.
   */
  skipLines?: number | undefined;
  /** Without `from`, starts this many lines before the end. */
  tail?: number | undefined;
  /** Without `from`, starts with the first record that is not older. */
  since?: Stamp | undefined;
  /** Offsets in the log file, rising: no piece of records goes on over one. */
  stops?: readonly number[];
  /** Follows to the container's end, over restarts by its restart policy; else reads to the end of what there is. */
  follow: boolean;
}

export interface EngineLog {
  readonly kind: "log-file" | "logs-api";
  /** Says why this source is used and what it cannot promise, as one clause for a person; "" if nothing is lost. */
  readonly limits: string;
  /**
   * Ends where the log does, and quietly on abort. A reader that pauses holds up nothing but itself. What is gone is a
   * gap in its place. Throws what dockerode throws, also when the container is removed (404), after all that was there.
   */
  read(query: EngineLogQuery, signal: AbortSignal): AsyncIterable<EngineRecords | OutputGap>;
  /** Lets go what was held for a reader who did not come. */
  release?(): void;
}
