// The ids of runs.
import { expect, test } from "bun:test";
import { isTaskId } from "../../../../src/core/master/tasks/task-ids.ts";
import { adoptedTaskId } from "../../../../src/core/worker/adopt/adoption.ts";

test("the same run has the same id, and it is one of a task", () => {
  const id = adoptedTaskId("worker-1", "abc", "2026-11-25T17:33:41.339000001Z");
  expect(adoptedTaskId("worker-1", "abc", "2026-11-25T17:33:41.339000001Z")).toBe(id);
  expect(isTaskId(id)).toBe(true);
  expect(adoptedTaskId("worker-1", "abc", "2026-11-25T17:33:41.339000002Z")).not.toBe(id);
  expect(adoptedTaskId("worker-2", "abc", "2026-11-25T17:33:41.339000001Z")).not.toBe(id);
});
