// A bound in time for work that is not ours: whoever hangs is named and left behind.
import { TasklogError } from "./errors.ts";

/** What `work` gives; "unavailable" after `ms`, said in the words of `late`. */
export async function within<T>(ms: number, late: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TasklogError("unavailable", `${late} (${ms / 1000} s)`)), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What `work` gives, or undefined once `signal` aborts: for a callback that may never return. Nothing is left at the
 * signal afterwards.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return undefined;
  }
  let end = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    end = () => resolve(undefined);
    signal.addEventListener("abort", end, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
