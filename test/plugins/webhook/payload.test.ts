import { expect, test } from "bun:test";
import { Task, TaskSpec } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { cut } from "../../../src/plugins/webhook/cut.ts";
import type { LastLine } from "../../../src/plugins/webhook/last-lines.ts";
import { callId, completedType, eventBody } from "../../../src/plugins/webhook/payload.ts";

const context = { masterId: "master-1", linkBase: "https://tasklog.example/" };

test("a body is below 20 KB whatever the task, and keeps the newest lines", () => {
  for (const letter of ["x", "\u001b", '"', "\\", "é", "😀", "\ud800"]) {
    const long = letter.repeat(100_000);
    const task = Task.fromPartial({
      id: "task-aaaaaaaaaaaa",
      userId: long,
      workerName: long,
      status: "failed",
      spec: TaskSpec.fromPartial({
        name: long,
        image: long,
        command: Array(1000).fill(long),
        labels: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}${long}`, long])),
      }),
      completion: { status: "failed", message: long, exitCode: 1, finishedMs: 1 },
    });
    const lines = Array.from({ length: 1000 }, (_, index): LastLine => {
      return {
        seq: index + 1,
        time: "2026-01-01T00:00:00.000000000Z",
        stream: "stderr",
        text: cut(long, 2000),
      };
    });
    const body = eventBody("msg_1", completedType, task, lines, context);
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    const { data } = JSON.parse(body);
    expect(data.link).toBe("https://tasklog.example/tasks/task-aaaaaaaaaaaa");
    expect(data.lastLines.length).toBeGreaterThan(0);
    expect(data.lastLines.at(-1).seq).toBe(1000);
    expect(data.name.endsWith("…")).toBe(true);
    expect(data.name.isWellFormed()).toBe(true);
  }
});

test("a log that could not be read is told as null, an empty one as empty", () => {
  const task = Task.fromPartial({ id: "task-aaaaaaaaaaaa", status: "lost" });
  const linesOf = (lines: LastLine[] | undefined) =>
    JSON.parse(eventBody("msg_1", completedType, task, lines, { ...context, linkBase: undefined })).data
      .lastLines;
  expect(linesOf(undefined)).toBeNull();
  expect(linesOf([])).toEqual([]);
});

test("an id stands for one event, one task, one status and one URL", () => {
  const id = callId(completedType, { id: "task-a", status: "lost" }, "https://a.example/");
  expect(id).toMatch(/^msg_[0-9a-f]{24}$/);
  expect(callId(completedType, { id: "task-a", status: "lost" }, "https://a.example/")).toBe(id);
  expect(callId(completedType, { id: "task-a", status: "success" }, "https://a.example/")).not.toBe(id);
  expect(callId(completedType, { id: "task-a", status: "lost" }, "https://b.example/")).not.toBe(id);
});

test("cut - a text of as many bytes as there may be stays, a longer one ends in …, never in half a character", () => {
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abcd", 3)).toBe("…");
  for (const text of ["x".repeat(600), "😀".repeat(300), "\n".repeat(600)]) {
    const short = cut(text, 500);
    expect(Buffer.byteLength(JSON.stringify(short)) - 2).toBeLessThanOrEqual(500);
    expect(short.isWellFormed()).toBe(true);
    expect(short.length).toBeGreaterThan(80);
  }
});
