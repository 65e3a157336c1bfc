// Waiting that can be called off, and timers longer than the 24.8 days that setTimeout knows.

const timerMsMax = 2 ** 31 - 1;

/** Resolves after `ms`; rejects with the signal's reason on abort. */
export function after(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Waits for `work`, but no longer than `ms`; its failure is left to whoever made it. False: it is not done yet. */
export function atMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms, false);
    const done = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(done, done);
  });
}

/** Calls `action` at a time in ms of the Unix epoch, or never (undefined), unless disposed before. */
export function atDeadline(deadlineMs: number | undefined, action: () => void): Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arm = (): void => {
    const leftMs = (deadlineMs as number) - Date.now();
    if (leftMs <= 0) action();
    else timer = setTimeout(arm, Math.min(leftMs, timerMsMax));
  };
  if (deadlineMs !== undefined) arm();
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
