// One end of the process: stdout for data, stderr for talk. Every write is awaited down to the kernel, so a slow
// reader slows the writer and nothing piles up; and since nobody writes to the second end before the first has
// taken its part, the order between the two stays right where both are the terminal.
import { isatty } from "node:tty";
import { TasklogError } from "../../core/base/errors.ts";
import { createOwnOutput } from "../../core/base/own-output.ts";

/** The reader of stdout went away (EPIPE): leave quietly. */
export class ReaderGone extends Error {
  override readonly name = "ReaderGone";
}

export interface Sink {
  readonly isTTY: boolean;
  /** Width of the terminal in columns, undefined when it is none. */
  readonly columns: number | undefined;
  /** Resolves when the bytes were taken. Throws ReaderGone. */
  write(data: Uint8Array | string): Promise<void>;
}

export function createStdout(): Sink {
  return createSink(1, () => process.stdout.columns);
}

/** A sink for stderr that drops what cannot be written because nobody reads it any more. */
export function createStderr(): Sink {
  const sink = createSink(2, () => process.stderr.columns);
  return {
    isTTY: sink.isTTY,
    get columns() {
      return sink.columns;
    },
    write: (data) => sink.write(data).catch(() => {}),
  };
}

/** `width` is asked for a terminal only: of anything else the runtime would make a stream, and change what is shared. */
function createSink(fd: 1 | 2, width: () => number | undefined): Sink {
  const isTTY = isatty(fd);
  const write = createOwnOutput(fd);
  return {
    isTTY,
    get columns() {
      return isTTY ? width() || 80 : undefined;
    },
    async write(data) {
      try {
        await write(typeof data === "string" ? Buffer.from(data) : data);
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EPIPE") throw new ReaderGone();
        const why = TasklogError.from(error).message.replace(/, write$/, "");
        throw new TasklogError("exhausted", `cannot write to ${fd === 1 ? "stdout" : "stderr"}: ${why}`, {
          cause: error,
        });
      }
    },
  };
}
