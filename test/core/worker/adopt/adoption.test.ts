// The small arithmetic of runs: their ids, and the times that split them.
import { expect, test } from "bun:test";
import { stampOf } from "../../../../src/core/engine/containers/container-facts.ts";
import { isAfter } from "../../../../src/core/engine/sources/run-reader.ts";
import { isTaskId } from "../../../../src/core/master/tasks/task-ids.ts";
import { toText } from "../../../../src/core/worker/adopt/adopted-records.ts";
import { adoptedTaskId, between, later } from "../../../../src/core/worker/adopt/adoption.ts";

test("the same run has the same id, and it is one of a task", () => {
  const id = adoptedTaskId("worker-1", "abc", "2026-11-25T17:33:41.339000001Z");
  expect(adoptedTaskId("worker-1", "abc", "2026-11-25T17:33:41.339000001Z")).toBe(id);
  expect(isTaskId(id)).toBe(true);
  expect(adoptedTaskId("worker-1", "abc", "2026-11-25T17:33:41.339000002Z")).not.toBe(id);
  expect(adoptedTaskId("worker-2", "abc", "2026-11-25T17:33:41.339000001Z")).not.toBe(id);
});

test("times are exact to the nanosecond", () => {
  const a = { seconds: 10, nanos: 999_999_998 };
  const b = { seconds: 11, nanos: 4 };
  expect(between(a, b)).toEqual({ seconds: 11, nanos: 1 });
  expect(between({ seconds: 10, nanos: 0 }, { seconds: 11, nanos: 0 })).toEqual({ seconds: 10, nanos: 5e8 });
  expect(later(a, 100)).toEqual({ seconds: 11, nanos: 99_999_998 });
  expect(later(b, -100)).toEqual({ seconds: 10, nanos: 900_000_004 });
  expect([isAfter(b, a), isAfter(a, b), isAfter(a, a)]).toEqual([true, false, false]);
  const text = "2026-11-25T17:33:41.000000123Z";
  expect(toText(stampOf(text) ?? a)).toBe(text);
  expect(stampOf("2026-11-25T17:33:41Z")).toEqual({ seconds: 1_795_628_021, nanos: 0 });
  expect(stampOf("2026-11-25T17:33:41.5Z")).toEqual({ seconds: 1_795_628_021, nanos: 5e8 });
  expect(stampOf("0001-01-01T00:00:00Z")).toBeUndefined();
  expect(stampOf("")).toBeUndefined();
});
