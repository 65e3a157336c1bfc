// One record of a container's log, as the engine keeps it: a line, or a part of a longer one.
import type { StreamName } from "../../log/line-batch.ts";

/** The size in bytes of a part of a longer line (`daemon/logger/copier.go`); json-file may make it longer, where it is no UTF-8. */
export const logPartBytes = 16 * 1024;

export interface LogRecord {
  stream: StreamName;
  bytes: Uint8Array;
  /**
   * The time when the engine read it, seconds and nanoseconds of the Unix epoch; absent in a followed TTY. May run
   * backwards.
   */
  seconds?: number;
  nanos?: number;
}
