// The terminal that the plugin prints on, as a place for text that may take its time, and may be closed.

/** A place for lines. `write` resolves when there is room for more; once it throws, nobody reads there any more. */
export interface Output {
  write(text: string): Promise<void>;
  readonly isTerminal: boolean;
}

/** Returns the master's own stdout. */
export function terminal(): Output {
  const writer = Bun.stdout.writer();
  return {
    isTerminal: process.stdout.isTTY === true,
    async write(text) {
      // Both may be promises of the same failure: none may be left without an owner.
      await Promise.all([writer.write(text), writer.flush()]);
    },
  };
}
