import { expect, test } from "bun:test";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { specBytesMax } from "../../../src/core/base/limits.ts";
import { emptyCompletion } from "../../../src/core/master/tasks/task-completions.ts";
import { WorkerInfo } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { TaskReport } from "../../../src/core/rpc/gen/tasklog/v1/worker.ts";
import { checkedItem, checkedReport, checkedWorker } from "../../../src/core/rpc/worker-words.ts";

const taskId = "task-aaaaaaaaaaaa";

function report(change: object): TaskReport | string {
  try {
    return checkedReport(TaskReport.fromPartial({ taskId, status: "running", ...change }));
  } catch (error) {
    return TasklogError.from(error).message;
  }
}

test("reports - what has no meaning is refused with a sentence", () => {
  const end = { ...emptyCompletion("success", "", "") };
  for (const [change, sentence] of [
    [{ status: "unspecified" }, /has the status "unspecified", which there is not/],
    [{ status: "UNRECOGNIZED" }, /has the status "UNRECOGNIZED"/],
    [{ status: "success" }, /is said to be success without how it ended/],
    [{ completion: { ...end, status: "running" } }, /no task ends with the status "running"/],
    [{ completion: { ...end, status: "unspecified" } }, /no task ends with the status "unspecified"/],
    [{ taskId: "" }, /is no id of a task/],
    [{ taskId: "x".repeat(101) }, /is no id of a task/],
    [{ taskId: "a\r\nb" }, /is no id of a task/],
  ] as Array<[object, RegExp]>) {
    expect(report(change)).toMatch(sentence);
  }
});

test("reports - times, counts and texts that cannot be become ones that can", () => {
  for (const ms of [9e15, 8.64e15, 253_402_300_800_000, -1]) {
    expect(report({ startedMs: ms, createdMs: ms })).toMatchObject({ startedMs: 0, createdMs: 0 });
  }
  expect(report({ startedMs: 1_700_000_000_000 })).toMatchObject({ startedMs: 1_700_000_000_000 });
  const completion = {
    ...emptyCompletion("failed", "x\r\ny", "m".repeat(1e6)),
    startedMs: 9e15,
    finishedMs: 9e15,
  };
  const ended = report({ status: "running", completion }) as TaskReport;
  expect(ended).toMatchObject({
    status: "failed",
    completion: { reason: "x  y", startedMs: 0, finishedMs: 0 },
  });
  expect(ended.completion?.message.length).toBeLessThan(5000);
  expect((report({ detail: "\x1b]0;title\x07".repeat(1000) }) as TaskReport).detail).not.toMatch(
    /[\x00-\x1f]/,
  );
});

test("adopted - names and specifications are cut to what the others may be", () => {
  const adopted = { container: "c\r\nset-cookie: x", source: "log-file", limits: [] };
  for (const [name, kept] of [
    ["web-1", "web-1"],
    ["web.1@alpha", "web.1@alpha"],
    ["a\r\nb", "a__b"],
    ["漢", "_"],
    ["x".repeat(100_000), "x".repeat(255)],
  ] as const) {
    expect(report({ adopted, spec: { name, image: "i" } })).toMatchObject({
      spec: { name: kept },
      adopted: { container: "c__set-cookie:_x" },
    });
  }
  const large = report({
    adopted,
    spec: { name: "n", labels: { l: "x".repeat(specBytesMax) } },
  }) as TaskReport;
  expect(large.spec).toMatchObject({ name: "n", labels: {} });
});

test("hello - a worker whose id or name cannot be used is refused, the rest of what it says is cut", () => {
  const hello = (worker: object) => checkedWorker(WorkerInfo.fromPartial(worker));
  for (const worker of [
    { id: "", name: "n" },
    { id: "a b", name: "n" },
    { id: "w", name: "" },
    { id: "w", name: "n".repeat(256) },
    { id: "w", name: "a\r\nb" },
  ]) {
    expect(() => hello(worker)).toThrow(/cannot be used/);
  }
  const worker = hello({ id: "w", name: "Büro 1", version: "v".repeat(1e6), lastSeenMs: 9e15 });
  expect(worker).toMatchObject({ name: "Büro 1", lastSeenMs: 0 });
  expect(worker.version.length).toBeLessThan(5000);
});

test("items of a log - a status, a gap or an end that cannot be is refused", () => {
  for (const item of [
    { kind: "status", status: "unspecified", detail: "", progress: undefined },
    { kind: "gap", fromSeq: 5, toSeq: 4, reason: "" },
    { kind: "gap", fromSeq: 0, toSeq: 4, reason: "" },
    { kind: "start", epoch: "e", firstSeq: 0, nextSeq: 1, recovered: true },
    { kind: "complete", completion: emptyCompletion("running", "", "") },
  ] as const) {
    expect(() => checkedItem(item)).toThrow(TasklogError);
  }
});
