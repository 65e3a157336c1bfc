// The one place that waits. Every timer and every time-out of tasklog is made here, for two reasons:
// - setTimeout holds at most 2^31-1 ms (24.8 days), and fires at once for anything longer. Here any duration holds.
// - Durations are measured by the monotonic clock (`performance.now()`, and the timers themselves). Whoever sets the wall clock
//   neither ends nor prolongs a wait. The monotonic clock stands still while the machine is suspended: nothing ran then.
//
// Deliberately absent: waiting for a moment of the calendar, and polling helpers; whoever asks again says how often.
// `test/waits.test.ts` finds timers that are made elsewhere.
import { TasklogError } from "./errors.ts";

/** The longest delay that setTimeout takes, in ms: it keeps it in 32 bits. */
const timerMsMax = 2 ** 31 - 1;

type Handle = ReturnType<typeof setTimeout>;

/** A timer that runs until it has fired or is stopped. */
export class Timer implements Disposable {
  readonly #action: () => void;
  readonly #everyMs: number | undefined;
  readonly #stepMsMax: number;
  #dueMs: number;
  #handle: Handle | undefined;
  #isUnref = false;

  constructor(action: () => void, ms: number, repeats: boolean, stepMsMax = timerMsMax) {
    if (Number.isNaN(ms)) throw new RangeError("a timer needs a duration in ms, not NaN");
    this.#action = action;
    this.#everyMs = repeats ? ms : undefined;
    this.#stepMsMax = stepMsMax;
    this.#dueMs = performance.now() + ms;
    this.#arm(ms);
  }

  /** Does not fire any more. May be called at any time, and twice. */
  stop(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  /** Does not keep the process alive. */
  unref(): this {
    this.#isUnref = true;
    // A browser's handle is a number.
    (this.#handle as { unref?: () => void } | undefined)?.unref?.();
    return this;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #arm(ms: number): void {
    const step = Math.min(Math.max(0, ms), this.#stepMsMax);
    this.#handle = setTimeout(() => this.#fire(step < ms), step);
    if (this.#isUnref) this.unref();
  }

  #fire(isEarly: boolean): void {
    const nowMs = performance.now();
    if (isEarly && nowMs < this.#dueMs) {
      this.#arm(this.#dueMs - nowMs);
      return;
    }
    this.#handle = undefined;
    if (this.#everyMs !== undefined) {
      // Like setInterval, it keeps in step with the first tick, and does not make up for ticks that a busy process
      // missed.
      this.#dueMs = Math.max(this.#dueMs + this.#everyMs, nowMs);
      this.#arm(this.#dueMs - nowMs);
    }
    this.#action();
  }
}

/** Calls `action` once, after `ms`. Infinity: never. */
export function startTimer(action: () => void, ms: number): Timer {
  return new Timer(action, ms, false);
}

/** Calls `action` every `ms` until it is stopped. */
export function startInterval(action: () => void, ms: number): Timer {
  return new Timer(action, ms, true);
}

/** Resolves after `ms`; rejects with the signal's reason on abort. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      timer.stop();
      reject(signal?.reason);
    };
    const timer = startTimer(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, signal).catch(() => {});
}

/** Resolves after everything that was due before has had its turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A signal that aborts after `ms` with a TimeoutError. It does not keep the process alive. */
export function timeoutSignal(ms: number): AbortSignal {
  if (ms <= timerMsMax) return AbortSignal.timeout(ms);
  const late = new AbortController();
  startTimer(() => late.abort(new DOMException("The operation timed out.", "TimeoutError")), ms).unref();
  return late.signal;
}

/** Waits for `work`, but no longer than `ms`. Rejects with "unavailable" then, in the words of `late`. */
export async function within<T>(ms: number, late: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  using _timer = startTimer(() => reject(new TasklogError("unavailable", `${late} (${ms / 1000} s)`)), ms);
  return await Promise.race([work, promise]);
}

/** Waits until `work` is settled, but no longer than `ms`. False: it is not settled yet. Its failure is left to its owner. */
export function atMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = startTimer(() => resolve(false), ms);
    const done = (): void => {
      timer.stop();
      resolve(true);
    };
    work.then(done, done);
  });
}

/** Waits for `work` until `signal` aborts: undefined then. For work that may never end; nothing stays at the signal. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return undefined;
  }
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => resolve(undefined);
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
