import { describe, expect, test } from "bun:test";
import { followTask, type Start } from "../../../src/cmd/logs/follow-task.ts";
import { TasklogError } from "../../../src/core/base/errors.ts";
import type { Stamp } from "../../../src/core/base/stamp.ts";
import { LineBatchBuilder } from "../../../src/core/log/line-batch.ts";
import type { Completion } from "../../../src/core/log/log-item.ts";
import { type From, TaskLogBroadcaster } from "../../../src/core/log/task-log-broadcaster.ts";
import { withRandom } from "../../helpers/random.ts";

const done: Completion = {
  status: "success",
  exitCode: 0,
  signal: "",
  reason: "",
  message: "",
  lastSeq: 0,
  lines: 0,
  bytes: 0,
  startedMs: 1,
  finishedMs: 2,
  checksum: "",
};

function linesFrom(from: number, count: number) {
  const builder = new LineBatchBuilder();
  for (let n = from; n < from + count; n++) {
    const bytes = Buffer.from(`line ${n}`);
    builder.add(bytes, 0, bytes.length, { seconds: n, nanos: 0 }, 0);
  }
  return builder.build(from);
}

interface Request {
  start?: unknown;
  epoch?: string | undefined;
  follow?: boolean | undefined;
  until?: Stamp | undefined;
}

/** A master whose connection breaks after so many items each time; its log is the real one. */
function brokenMaster(logs: TaskLogBroadcaster[], itemsPerConnection: () => number) {
  const requests: Request[] = [];
  return {
    requests,
    async *streamTaskLogs(request: Request, signal?: AbortSignal) {
      requests.push(request);
      const log = (logs.length > 1 ? logs.shift() : logs[0]) as TaskLogBroadcaster;
      const start = request.start as Start;
      const from: From =
        start.$case === "fromSeq"
          ? { fromSeq: start.value }
          : start.$case === "tail"
            ? { tail: start.value }
            : start.$case === "since"
              ? { sinceTime: start.value }
              : { all: true };
      let left = itemsPerConnection();
      const { epoch, follow = true, until: untilTime } = request;
      const stop = signal ?? new AbortController().signal;
      for await (const item of log.subscribe({ from, follow, epoch, untilTime, signal: stop })) {
        yield item;
        if (--left <= 0) throw new TasklogError("unavailable", "the connection broke");
      }
    },
  };
}

async function follow(
  client: ReturnType<typeof brokenMaster>,
  start: Start,
  signal = new AbortController().signal,
  untilTime?: Stamp,
) {
  const texts: string[] = [];
  const kinds: string[] = [];
  let losses = 0;
  const options = {
    taskId: "task-x",
    start,
    follow: true,
    compress: false,
    signal,
    untilTime,
    onLost: () => void losses++,
  };
  for await (const item of followTask(client as never, options)) {
    kinds.push(item.kind);
    if (item.kind === "batch") texts.push(...[...item.batch.lines()].map((line) => line.text));
  }
  return { texts, kinds, losses };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}`);

describe("a connection that breaks again and again", () => {
  test("costs no line and repeats none, and the end comes once", () =>
    withRandom(async (random) => {
      const log = new TaskLogBroadcaster({ taskId: "task-x", batchLinesMax: 7 });
      log.publish(linesFrom(1, 200));
      log.complete(done);
      const client = brokenMaster([log], () => random.between(2, 10));
      const { texts, kinds, losses } = await follow(client, { $case: "all", value: true });
      expect(texts).toEqual(numbered(1, 200));
      expect(kinds.filter((kind) => kind === "complete")).toHaveLength(1);
      expect(losses).toBeGreaterThan(2);
      expect(client.requests.slice(1).every((request) => request.epoch === log.epoch)).toBe(true);
    }));

  test("begins at the tail only once", async () => {
    const log = new TaskLogBroadcaster({ taskId: "task-x", batchLinesMax: 4 });
    log.publish(linesFrom(1, 50));
    log.complete(done);
    const client = brokenMaster([log], () => 2);
    const { texts } = await follow(client, { $case: "tail", value: 10 });
    expect(texts).toEqual(numbered(41, 50));
  });

  test("ends at a time without a completion, and goes on to it after a break", async () => {
    const log = new TaskLogBroadcaster({ taskId: "task-x", batchLinesMax: 4 });
    log.publish(linesFrom(1, 50));
    log.complete(done);
    const client = brokenMaster([log], () => 3);
    const since = { $case: "since", value: { seconds: 20, nanos: 0 } } as const;
    const signal = new AbortController().signal;
    const { texts, kinds, losses } = await follow(client, since, signal, { seconds: 40, nanos: 0 });
    expect(texts).toEqual(numbered(20, 40));
    expect(kinds).not.toContain("complete");
    expect(losses).toBeGreaterThan(1);
  });

  test("a log that was started anew is asked again since the same time", async () => {
    const first = new TaskLogBroadcaster({ taskId: "task-x" });
    first.publish(linesFrom(1, 5));
    const second = new TaskLogBroadcaster({ taskId: "task-x" });
    second.publish(linesFrom(1, 6));
    second.complete(done);
    let connection = 0;
    const client = brokenMaster([first, second], () => (connection++ === 0 ? 3 : 100));
    const { texts, kinds } = await follow(client, { $case: "since", value: { seconds: 4, nanos: 0 } });
    expect(texts).toEqual([...numbered(4, 5), ...numbered(4, 6)]);
    expect(kinds.filter((kind) => kind === "complete")).toHaveLength(1);
  });

  test("a log that was started anew begins again, and that is told", async () => {
    const first = new TaskLogBroadcaster({ taskId: "task-x" });
    first.publish(linesFrom(1, 5));
    const second = new TaskLogBroadcaster({ taskId: "task-x" });
    second.publish(linesFrom(1, 3));
    second.complete(done);
    let connection = 0;
    const client = brokenMaster([first, second], () => (connection++ === 0 ? 3 : 100));
    const { texts } = await follow(client, { $case: "fromSeq", value: 1 });
    expect(texts).toEqual([...numbered(1, 5), ...numbered(1, 3)]);
  });
});

test("a failure that will not pass is thrown", async () => {
  const client = {
    requests: [],
    // biome-ignore lint/correctness/useYield: it fails before there is anything to give
    async *streamTaskLogs() {
      throw new TasklogError("not_found", "there is no task x");
    },
  };
  await expect(follow(client as never, { $case: "all", value: true })).rejects.toThrow("there is no task x");
});

test("abort ends it quietly, also while it waits to try again", async () => {
  const log = new TaskLogBroadcaster({ taskId: "task-x" });
  const abort = new AbortController();
  const client = brokenMaster([log], () => 1);
  const following = follow(client, { $case: "all", value: true }, abort.signal);
  setTimeout(() => abort.abort(), 50);
  expect((await following).texts).toEqual([]);
});
