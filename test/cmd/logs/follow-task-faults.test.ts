import { expect, test } from "bun:test";
import { followTask } from "../../../src/cmd/logs/follow-task.ts";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { TaskLogBroadcaster } from "../../../src/core/log/task-log-broadcaster.ts";

test("a fault that comes again behind each beginning of the stream is given up, and told once", async () => {
  const log = new TaskLogBroadcaster({ taskId: "task-x" });
  let asked = 0;
  const client = {
    async *streamTaskLogs(_request: unknown, signal = new AbortController().signal) {
      asked++;
      for await (const item of log.subscribe({ from: { all: true }, follow: true, signal })) {
        yield item;
        if (item.kind === "status") throw new TasklogError("internal", "line 1 cannot be read");
      }
    },
  };
  let losses = 0;
  const items = followTask(client as never, {
    taskId: "task-x",
    start: { $case: "all", value: true },
    follow: true,
    compress: false,
    signal: AbortSignal.timeout(20_000),
    onLost: () => void losses++,
  });
  const read = async () => {
    for await (const _ of items);
  };
  await expect(read()).rejects.toThrow("line 1 cannot be read");
  expect(asked).toBe(6);
  expect(losses).toBe(1);
});
