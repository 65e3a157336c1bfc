// A terminal that gets everything a task prints (`--raw`), and is set back when the looking ends: after the last line, by
// a key, by a signal, and when the process is forced to end.
import { writeSync } from "node:fs";
import type { Sink } from "./sink.ts";
import { keepTitle, TerminalModes } from "./terminal-modes.ts";

export interface RawSink extends Sink {
  /** Sets back what was set. May be called twice. */
  restore(): Promise<void>;
}

/** `fd` is that of the sink. */
export function createRawSink(sink: Sink, fd: 1 | 2): RawSink {
  const modes = new TerminalModes();
  const decoder = new TextDecoder();
  let isBegun = false;
  const atExit = (): void => {
    try {
      writeSync(fd, modes.undo());
    } catch {
      // The terminal is gone.
    }
  };
  process.once("exit", atExit);
  return {
    isTTY: sink.isTTY,
    get columns() {
      return sink.columns;
    },
    async write(data) {
      modes.take(typeof data === "string" ? data : decoder.decode(data, { stream: true }));
      if (!isBegun) await sink.write(keepTitle);
      isBegun = true;
      await sink.write(data);
    },
    async restore() {
      process.off("exit", atExit);
      const undo = modes.undo();
      if (undo !== "") await sink.write(undo);
    },
  };
}
