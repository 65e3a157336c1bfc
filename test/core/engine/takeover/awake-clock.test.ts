// What counts as time in which a process looked, and when that may have happened which it notices after a pause.
import { expect, test } from "bun:test";
import { AwakeClock } from "../../../../src/core/engine/takeover/awake-clock.ts";
import { OutputPulse } from "../../../../src/core/engine/takeover/output-pulse.ts";

test("a pause of the process is no silence, and what is noticed behind it may have happened in it", async () => {
  const clock = AwakeClock.ticking();
  const pulse = new OutputPulse(clock);
  await Bun.sleep(300);
  const beforeMs = performance.now();
  Bun.sleepSync(1500);
  const { fromMs, toMs, silentMs } = pulse.broken();
  expect(silentMs).toBeLessThan(600);
  expect(fromMs).toBeLessThanOrEqual(beforeMs);
  expect(toMs).toBeGreaterThan(beforeMs + 1400);
  await Bun.sleep(1000);
  expect(pulse.broken().silentMs).toBeGreaterThan(silentMs);
});

test("nothing is silent while what came is being dealt with", async () => {
  const pulse = new OutputPulse(AwakeClock.ticking());
  pulse.came();
  await Bun.sleep(400);
  expect(pulse.broken().silentMs).toBe(0);
  pulse.waits();
  await Bun.sleep(400);
  expect(pulse.broken().silentMs).toBeGreaterThan(50);
});
