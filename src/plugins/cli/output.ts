// The terminal that the plugin prints on, as a place for text that may take its time, and may be closed.
import { isatty } from "node:tty";
import { createOwnOutput } from "../../core/base/own-output.ts";

/** A place for lines. `write` resolves when there is room for more; once it throws, nobody reads there any more. */
export interface Output {
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
}

/** Returns the master's own stdout. */
export function terminal(): Output {
  const write = createOwnOutput(1);
  return { isTerminal: isatty(1), write: (text) => write(Buffer.from(text)) };
}
