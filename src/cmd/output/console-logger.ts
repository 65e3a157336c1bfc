// The messages of core and the commands while they work: consola's levels, written to stderr. Never a task's line.
import { createConsola } from "consola/core";
import type { Logger } from "../../core/base/logger.ts";
import { printable } from "./printable.ts";
import type { Sink } from "./sink.ts";
import { type ColorChoice, createStyle, hasColor, type Style } from "./style.ts";

/** The level of consola at which it shows all that it is given: what is wanted is decided here. */
const everyLevel = 4;

/** The settings of the logger that are known only after it exists, since the flags are read later. */
export interface Talk {
  readonly verbose: boolean;
  readonly color: ColorChoice;
}

export function createLogger(
  err: Sink,
  env: Readonly<Record<string, string | undefined>>,
  talk: () => Talk,
): Logger {
  const consola = createConsola({
    level: everyLevel,
    throttle: 0, // it would merge repeated messages
    reporters: [
      {
        log({ type, args, date }) {
          const { verbose, color } = talk();
          if (type === "debug" && !verbose) return;
          const style = createStyle(hasColor(color, env, err.isTTY));
          const text = printable(args.map(String).join(" "));
          void err.write(`${style.dim(date.toTimeString().slice(0, 8))}${mark(type, style)} ${text}\n`);
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

function mark(type: string, style: Style): string {
  if (type === "error") return ` ${style.red("error:")}`;
  if (type === "warn") return ` ${style.yellow("warning:")}`;
  return type === "debug" ? ` ${style.dim("debug:")}` : "";
}
