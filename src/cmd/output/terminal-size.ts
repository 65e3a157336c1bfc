// The size of the terminal that a command was called on, which a task with a terminal of its own begins with.
import type { Sink } from "./sink.ts";

/** Returns nothing where the output is no terminal: asking for its size would change what is shared with others. */
export function terminalSize({ isTTY }: Sink): { terminalRows?: number; terminalColumns?: number } {
  if (!isTTY) return {};
  const { rows, columns } = process.stdout;
  return rows > 0 && columns > 0 ? { terminalRows: rows, terminalColumns: columns } : {};
}

/** Calls `onResize` each time that the terminal gets another size, until disposed. */
export function watchTerminalSize(
  { isTTY }: Sink,
  onResize: (rows: number, columns: number) => void,
): Disposable {
  const resized = () => onResize(process.stdout.rows, process.stdout.columns);
  if (isTTY) process.stdout.on("resize", resized);
  return {
    [Symbol.dispose]: () => {
      if (isTTY) process.stdout.removeListener("resize", resized);
    },
  };
}
