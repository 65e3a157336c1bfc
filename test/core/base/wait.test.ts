// Waiting: any duration, by the monotonic clock, and nothing left behind.
import { describe, expect, test } from "bun:test";
import {
  atMost,
  nextTurn,
  pause,
  sleep,
  startInterval,
  startTimer,
  Timer,
  timeoutSignal,
  untilAborted,
  within,
} from "../../../src/core/base/wait.ts";
import { until } from "../../helpers/until.ts";

const day = 86_400_000;
const forever = new Promise<never>(() => {});

describe("durations that setTimeout does not hold do not fire at once", () => {
  const long = [2 ** 31 - 1, 2 ** 31, 25 * day, 30 * day, 50 * day, 2 ** 53, Number.POSITIVE_INFINITY];
  test.each(long)("%d ms", async (ms) => {
    const fired: string[] = [];
    const abort = new AbortController();
    using _timer = startTimer(() => fired.push("timer"), ms);
    using _interval = startInterval(() => fired.push("interval"), ms);
    const late = timeoutSignal(ms);
    const note = (what: string) => () => void fired.push(what);
    const slept = sleep(ms, abort.signal).then(note("sleep"), () => {});
    const paused = pause(ms, abort.signal).then(note("pause"));
    const bounded = within(ms, "late", untilAborted(forever, abort.signal)).then(() => {}, note("within"));
    void atMost(ms, untilAborted(forever, abort.signal)).then((isDone) => isDone || fired.push("at most"));
    // setTimeout(…, 1), which is what it makes of them, fires before this one.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await nextTurn();
    expect([fired, late.aborted]).toEqual([[], false]);
    abort.abort();
    await Promise.all([slept, paused, bounded]);
    expect(fired).toEqual(["pause"]);
  });
});

test("a timer that is armed in steps fires once, when it is due and not before", async () => {
  let count = 0;
  const begun = performance.now();
  const fired = Promise.withResolvers<number>();
  new Timer(
    () => {
      count++;
      fired.resolve(performance.now() - begun);
    },
    50,
    false,
    7,
  );
  expect(await fired.promise).toBeGreaterThanOrEqual(49); // the last step is a timer of its own, rounded
  await sleep(20);
  expect(count).toBe(1);
});

test("an interval goes on until it is stopped, also by its own action", async () => {
  let count = 0;
  const timer = startInterval(() => ++count === 3 && timer.stop(), 1);
  await until("it fired three times", () => count === 3);
  await sleep(10);
  expect(count).toBe(3);
});

test.each([0, -1, -day, Number.NEGATIVE_INFINITY])("%d ms is over at once", async (ms) => {
  await sleep(ms);
  expect(await atMost(ms, forever)).toBe(false);
});

test("a duration that is no number is refused", () => {
  expect(() => startTimer(() => {}, Number.NaN)).toThrow(RangeError);
});

test("sleep rejects with the signal's reason, pause goes on", async () => {
  for (const isEarly of [true, false]) {
    const abort = new AbortController();
    if (isEarly) abort.abort("enough");
    const waits = [sleep(day, abort.signal), pause(day, abort.signal)];
    abort.abort("enough");
    expect(await Promise.allSettled(waits)).toEqual([
      { status: "rejected", reason: "enough" },
      { status: "fulfilled", value: undefined },
    ]);
  }
});

test("within gives what the work gives, its failure, or says that it is late", async () => {
  expect(await within(day, "late", Promise.resolve(1))).toBe(1);
  await expect(within(day, "late", Promise.reject(new Error("own")))).rejects.toThrow("own");
  await expect(within(1, "it did not start", forever)).rejects.toMatchObject({
    code: "unavailable",
    message: "it did not start (0.001 s)",
  });
});

test("at most is true for work that is settled, either way", async () => {
  expect(await atMost(day, Promise.resolve())).toBe(true);
  expect(await atMost(day, Promise.reject(new Error("of its owner")))).toBe(true);
});

test("until aborted gives undefined at the abort", async () => {
  const abort = new AbortController();
  const waiting = untilAborted(forever, abort.signal);
  abort.abort();
  expect(await waiting).toBeUndefined();
  expect(await untilAborted(Promise.resolve(1), abort.signal)).toBeUndefined();
  expect(await untilAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
});

test("a time-out signal says that it timed out", async () => {
  const late = timeoutSignal(1);
  await until("it is late", () => late.aborted);
  expect((late.reason as Error).name).toBe("TimeoutError");
});
