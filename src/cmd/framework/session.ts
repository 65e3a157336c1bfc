// The things that main.ts hands to a command, so that a command touches neither argv nor signals nor the exit code.
import type { Logger } from "../../core/base/logger.ts";
import type { Sink } from "../output/sink.ts";
import type { ColorChoice } from "../output/style.ts";

/** Called with the number of interrupts so far (1, 2, …). Returns false to exit at once. */
export type InterruptHandler = (nth: number) => boolean;

export interface Session {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data. */
  readonly out: Sink;
  /** Talk. */
  readonly err: Sink;
  readonly logger: Logger;
  /** Aborted when the command shall leave: an interrupt that no handler took. The reason is the exit code, 128+n. */
  readonly signal: AbortSignal;
  /** `--verbose`; known once the flags are read. */
  verbose: boolean;
  /** `--color`; the same. */
  color: ColorChoice;
  /** Gives Ctrl-C and SIGTERM to the command until disposed. */
  onInterrupt(handler: InterruptHandler): Disposable;
}
