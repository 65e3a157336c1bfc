// What core and the commands say while they work: consola's levels, written to stderr. Never a task's line.
import { createConsola } from "consola/core";
import type { Logger } from "../../core/logger.ts";
import { printable } from "./printable.ts";
import type { Sink } from "./sink.ts";
import { createStyle, hasColor } from "./style.ts";

const LEVEL = { info: 3, debug: 4 } as const;

/** `isVerbose` is asked at each message: the flag is known only after the logger exists. */
export function createLogger(
  err: Sink,
  env: Readonly<Record<string, string | undefined>>,
  isVerbose: () => boolean,
): Logger {
  const style = createStyle(hasColor("auto", env, err.isTTY));
  const marks: Record<string, string> = {
    error: ` ${style.red("error:")}`,
    warn: ` ${style.yellow("warning:")}`,
    debug: ` ${style.dim("debug:")}`,
  };
  const consola = createConsola({
    level: LEVEL.debug,
    throttle: 0, // it would merge repeated messages
    reporters: [
      {
        log({ type, args, date }) {
          if (type === "debug" && !isVerbose()) return;
          const text = printable(args.map(String).join(" "));
          void err.write(`${style.dim(date.toTimeString().slice(0, 8))}${marks[type] ?? ""} ${text}\n`);
        },
      },
    ],
  });
  return {
    debug: (message) => consola.debug(message),
    info: (message) => consola.info(message),
    warn: (message) => consola.warn(message),
    error: (message) => consola.error(message),
  };
}
