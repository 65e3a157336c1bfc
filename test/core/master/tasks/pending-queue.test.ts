import { expect, test } from "bun:test";
import { PendingQueue, takeUntold } from "../../../../src/core/master/tasks/pending-queue.ts";
import { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";

function pending(id: string, constraints: string[] = [], detail = "") {
  return { id, status: "pending" as const, spec: TaskSpec.fromPartial({ image: "i", constraints }), detail };
}

test("tasks of the same wishes wait together, in their order", () => {
  const queue = new PendingQueue();
  queue.note(pending("a"));
  queue.note(pending("b", ["gpu"]));
  queue.note(pending("c"));
  expect(queue.groups().map(({ tasks }) => [...tasks])).toEqual([
    [
      ["a", 0],
      ["c", 2],
    ],
    [["b", 1]],
  ]);
  queue.note({ ...pending("b", ["gpu"]), status: "cancelled" });
  queue.note({ ...pending("a"), status: "starting" });
  expect(queue.groups().map(({ tasks }) => [...tasks.keys()])).toEqual([["c"]]);
});

test("only those are told who have not been told, or have been told something else since", () => {
  const queue = new PendingQueue();
  queue.note(pending("a"));
  queue.note(pending("b"));
  const [group] = queue.groups();
  if (group === undefined) throw new Error("there is no group");
  expect(takeUntold(group, "no worker")).toEqual(["a", "b"]);
  for (const id of ["a", "b"]) queue.note(pending(id, [], "no worker"));
  expect(takeUntold(group, "no worker")).toEqual([]);
  queue.note(pending("c"));
  expect(takeUntold(group, "no worker")).toEqual(["c"]);
  queue.note(pending("b", [], "the disk is full"));
  expect(takeUntold(group, "no worker")).toEqual(["b"]);
  expect(takeUntold(group, "no slot")).toEqual(["a", "b", "c"]);
});
