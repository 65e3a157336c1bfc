// Moments that outlive a process: by a clock that nobody sets, where there is one.
import { expect, test } from "bun:test";
import { type HostMoment, hostMoment, msUntil } from "../../../src/core/base/clock.ts";

const hour = 3_600_000;
const now: HostMoment = { boot: "this", ms: 50_000 };

/** Name, moment, what the wall clock says of it (ms from now), time until then in ms. */
const cases: [string, HostMoment | undefined, number, number][] = [
  ["a moment of this boot", { boot: "this", ms: 55_000 }, 5000, 5000],
  ["a moment that has passed", { boot: "this", ms: 45_000 }, -5000, -5000],
  ["the wall clock was set back by an hour", { boot: "this", ms: 55_000 }, 5000 + hour, 5000],
  ["the wall clock was set forward by an hour", { boot: "this", ms: 55_000 }, 5000 - hour, 5000],
  ["a moment of another boot", { boot: "that", ms: 55_000 }, 7000, 7000],
  ["a moment of an older tasklog", undefined, 7000, 7000],
];

test.each(cases)("%s", (_name, moment, wallMs, expected) => {
  const found = msUntil(moment, Date.now() + wallMs, now);
  expect(Math.abs(found - expected)).toBeLessThan(1000);
});

test("the host's clock is the same for every process, and goes on", async () => {
  const before = hostMoment(1000);
  const code = `import { msUntil } from "${import.meta.dir}/../../../src/core/base/clock.ts";
    console.log(msUntil(${JSON.stringify(before)}, 0))`;
  const left = Number(await Bun.$`${process.execPath} -e ${code}`.text());
  if (process.platform !== "linux") return;
  expect(left).toBeLessThan(1000);
  expect(left).toBeGreaterThan(-60_000);
});
