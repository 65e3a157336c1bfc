// Leaving a live view by a key: a signal that aborts, and the exit code that this way of leaving has.

import type { Session } from "../framework/session.ts";
import { canReadKeys, nextKey } from "../output/keys.ts";

const interruptedExitCode = 130;

export interface Leaving extends Disposable {
  /** Aborts when somebody pressed a key, or when the session ends. */
  readonly signal: AbortSignal;
  /** 0 after a key, 130 after Ctrl-C, 128+n after a signal; undefined while nobody left. */
  readonly exitCode: number | undefined;
}

/** `keys`: whether keys are read at all. */
export function watchKeys({ signal }: Session, keys: boolean): Leaving {
  const left = new AbortController();
  const done = new AbortController();
  let exitCode: number | undefined;
  if (keys && canReadKeys()) {
    void nextKey(AbortSignal.any([signal, done.signal])).then((key) => {
      exitCode = key === "interrupt" ? interruptedExitCode : 0;
      left.abort();
    });
  }
  return {
    signal: AbortSignal.any([signal, left.signal]),
    get exitCode() {
      return exitCode ?? (signal.aborted ? Number(signal.reason) : undefined);
    },
    [Symbol.dispose]: () => done.abort(),
  };
}
