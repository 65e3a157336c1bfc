// What counts as time in which a process looked, and when that may have happened which it notices after a pause.
import { expect, test } from "bun:test";
import { AwakeClock } from "../../../../src/core/engine/takeover/awake-clock.ts";
import { OutputPulse } from "../../../../src/core/engine/takeover/output-pulse.ts";
import { until } from "../../../helpers/until.ts";

/** A clock that goes on when the test says so, looked at every `lookMs` while it does. */
function handClock() {
  let nowMs = 1000;
  const clock = new AwakeClock(() => nowMs);
  return {
    clock,
    now: () => nowMs,
    /** The process runs for that time. */
    runs(ms: number, lookMs = 100): void {
      for (let left = ms; left > 0; left -= lookMs) {
        nowMs += Math.min(left, lookMs);
        void clock.ms;
      }
    },
    /** The process is stopped for that time. */
    stands(ms: number): void {
      nowMs += ms;
    },
  };
}

test("time goes on while the process runs, and by one look over a pause", () => {
  const { clock, runs, stands } = handClock();
  runs(300);
  expect(clock.ms).toBe(300);
  stands(1500);
  expect(clock.ms).toBe(400);
  runs(50);
  expect(clock.ms).toBe(450);
});

test("a pause of the process is no silence, and what is noticed behind it may have happened in it", () => {
  const { clock, now, runs, stands } = handClock();
  const pulse = new OutputPulse(clock);
  runs(300);
  const beforeMs = now();
  stands(1500);
  expect(pulse.broken()).toEqual({ fromMs: beforeMs, toMs: beforeMs + 1500, silentMs: 400 });
  runs(199);
  expect(pulse.broken()).toEqual({ fromMs: beforeMs, toMs: now(), silentMs: 599 });
  runs(1);
  expect(pulse.broken()).toEqual({ fromMs: now(), toMs: now(), silentMs: 600 });
});

test("nothing is silent while what came is being dealt with", () => {
  const { clock, runs } = handClock();
  const pulse = new OutputPulse(clock);
  pulse.came();
  runs(400);
  expect(pulse.broken().silentMs).toBe(0);
  pulse.waits();
  runs(400);
  expect(pulse.broken().silentMs).toBe(400);
});

test("one that ticks looks by itself", async () => {
  let looks = 0;
  const clock = AwakeClock.ticking(() => ++looks);
  const begun = clock.ms;
  await until("it has looked", () => looks > begun + 5);
});
