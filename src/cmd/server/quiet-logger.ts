// The logger of `up`: its master and its worker have nobody but each other, so what they tell of each other is only for
// `--verbose`, and nothing at all once they are being ended.
import type { Logger } from "../../core/base/logger.ts";

export interface QuietLogger extends Logger {
  /** Silences everything but errors from now on. */
  mute(): void;
}

export function quietLogger(logger: Logger): QuietLogger {
  let muted = false;
  const unlessMuted = (say: (message: string) => void) => (message: string) => {
    if (!muted) say(message);
  };
  return {
    debug: unlessMuted((message) => logger.debug(message)),
    info: unlessMuted((message) => logger.debug(message)),
    warn: unlessMuted((message) => logger.warn(message)),
    error: (message) => logger.error(message),
    mute() {
      muted = true;
    },
  };
}
