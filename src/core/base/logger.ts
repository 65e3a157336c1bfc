// The messages of core to a person. core knows no consola: main.ts hands in a logger that writes to stderr. A task's
// line never goes through it.
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
