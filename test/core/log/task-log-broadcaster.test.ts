import { describe, expect, test } from "bun:test";
import type { Stamp } from "../../../src/core/base/stamp.ts";
import { type LineBatch, LineBatchBuilder } from "../../../src/core/log/line-batch.ts";
import type { Completion, LogGap, LogHistory, LogItem } from "../../../src/core/log/log-item.ts";
import {
  type From,
  type SubscribeOptions,
  TaskLogBroadcaster,
} from "../../../src/core/log/task-log-broadcaster.ts";
import { add, numberedLines, seen } from "./batches.ts";

const done: Completion = {
  status: "success",
  exitCode: 0,
  signal: "",
  reason: "",
  message: "",
  lastSeq: 0,
  lines: 0,
  bytes: 0,
  startedMs: 0,
  finishedMs: 0,
  checksum: "",
};

/** All lines that were ever published, as a disk would have them. */
class KeptLines implements LogHistory {
  reads = 0;
  readonly gone: LogGap | undefined;
  readonly lastSeq: number;
  constructor(gone?: LogGap, lastSeq = 1e9) {
    this.gone = gone;
    this.lastSeq = lastSeq;
  }
  async read(fromSeq: number): Promise<LineBatch | LogGap> {
    this.reads++;
    if (this.gone && fromSeq >= this.gone.fromSeq && fromSeq <= this.gone.toSeq)
      return { ...this.gone, fromSeq };
    return numberedLines(fromSeq, Math.min(50, this.lastSeq - fromSeq + 1));
  }
  /** Line n has the stamp of second n. */
  async locate({ seconds, nanos }: Stamp): Promise<number> {
    return Math.min(seconds + (nanos > 0 ? 1 : 0), this.lastSeq + 1);
  }
}

function options(from: From, change: Partial<SubscribeOptions> = {}): SubscribeOptions {
  return { from, follow: true, signal: new AbortController().signal, ...change };
}

async function all(stream: AsyncIterable<LogItem>): Promise<(number | string)[]> {
  return seen(await Array.fromAsync(stream));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe("TaskLogBroadcaster", () => {
  test("a task that printed nothing - start, then complete", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    log.complete(done);
    expect(await all(log.subscribe(options({ tail: 1000 })))).toEqual(["start", "complete"]);
  });

  test("subscribers - all see the same lines in order, and complete last", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    const readers = range(1, 5).map(() => all(log.subscribe(options({ all: true }))));
    for (let seq = 1; seq <= 500; seq += 5) {
      log.publish(numberedLines(seq, 5));
      if (seq % 50 === 1) await Bun.sleep(0);
    }
    log.complete(done);
    for (const reader of readers)
      expect(await reader).toEqual(["start", "status", ...range(1, 500), "complete"]);
    expect(log.subscribers).toBe(0);
  });

  test("cursor - is taken at the call, not at the first item asked for", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    log.publish(numberedLines(1, 3));
    const stream = log.subscribe(options({ tail: 1 }));
    log.publish(numberedLines(4, 1));
    log.complete(done);
    expect(await all(stream)).toEqual(["start", 3, 4, "complete"]);
  });

  test("resume - the next seq goes on without a gap or a duplicate", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t", epoch: "e" });
    log.publish(numberedLines(1, 10));
    log.complete(done);
    expect(await all(log.subscribe(options({ fromSeq: 8 }, { epoch: "e" })))).toEqual([
      "start",
      8,
      9,
      10,
      "complete",
    ]);
  });

  test("epoch - of another log is told and starts anew at the first line", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t", epoch: "new" });
    log.publish(numberedLines(1, 2));
    log.complete(done);
    const items = await Array.fromAsync(log.subscribe(options({ fromSeq: 9 }, { epoch: "old" })));
    expect(items[0]).toMatchObject({ kind: "start", recovered: false, firstSeq: 1 });
    expect(seen(items)).toEqual(["start", 1, 2, "complete"]);
  });

  test("since - the first line with that stamp or a later one, in the history or in the ring", async () => {
    const log = new TaskLogBroadcaster({
      taskId: "t",
      history: new KeptLines(undefined, 300),
      firstSeq: 291,
    });
    log.publish(numberedLines(291, 10));
    log.complete(done);
    const since = (seconds: number) => all(log.subscribe(options({ sinceTime: { seconds, nanos: 0 } })));
    expect(await since(120)).toEqual(["start", ...range(120, 300), "complete"]);
    expect(await since(299)).toEqual(["start", 299, 300, "complete"]);
    expect(await since(999)).toEqual(["start", "complete"]);
    expect(log.subscribers).toBe(0);
  });

  test("since - without a history the ring is searched, and new lines follow", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    const stamped = (seq: number): LineBatch => {
      const builder = new LineBatchBuilder();
      add(builder, { text: `line ${seq}`, seconds: seq });
      return builder.build(seq);
    };
    for (let seq = 1; seq <= 200; seq++) log.publish(stamped(seq));
    const found = all(log.subscribe(options({ sinceTime: { seconds: 150, nanos: 1 } })));
    const none = all(log.subscribe(options({ sinceTime: { seconds: 500, nanos: 0 } })));
    await Bun.sleep(0);
    log.publish(stamped(201));
    log.complete(done);
    expect(await found).toEqual(["start", "status", ...range(150, 201), "complete"]);
    expect(await none).toEqual(["start", "status", 201, "complete"]);
  });

  test("since - of a log that was begun anew is a time still", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t", epoch: "new", history: new KeptLines(undefined, 9) });
    log.publishNumbered(numberedLines(1, 9));
    log.complete(done);
    const from = { sinceTime: { seconds: 8, nanos: 0 } };
    expect(await all(log.subscribe(options(from, { epoch: "old" })))).toEqual(["start", 8, 9, "complete"]);
  });

  test("streams and until - narrow what a subscriber gets", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    log.publish(numberedLines(1, 3));
    log.complete(done);
    const stderr = log.subscribe(options({ all: true }, { streams: ["stderr"] }));
    expect(await all(stderr)).toEqual(["start", "complete"]);
    const before = log.subscribe(options({ all: true }, { untilTime: { seconds: 0, nanos: 0 } }));
    expect(await all(before)).toEqual(["start"]);
    expect(log.subscribers).toBe(0);
  });

  test("behind - a cursor behind the ring reads the history and joins the ring without a seam", async () => {
    const history = new KeptLines();
    const log = new TaskLogBroadcaster({ taskId: "t", history, ringLinesMax: 10 });
    const stream = log.subscribe(options({ all: true }));
    for (let seq = 1; seq <= 1000; seq++) log.publish(numberedLines(seq, 1));
    const reader = all(stream);
    await Bun.sleep(0);
    for (let seq = 1001; seq <= 1100; seq++) log.publish(numberedLines(seq, 1));
    log.complete(done);
    expect((await reader).filter((entry) => typeof entry === "number")).toEqual(range(1, 1100));
    expect(history.reads).toBeGreaterThan(10);
  });

  test("gap - lines that are gone are told in their place", async () => {
    const history = new KeptLines({ fromSeq: 1, toSeq: 60, reason: "removed by retention" }, 200);
    const log = new TaskLogBroadcaster({ taskId: "t", history, ringLinesMax: 10, firstSeq: 200 });
    log.publish(numberedLines(200, 1));
    log.complete(done);
    expect(await all(log.subscribe(options({ all: true })))).toEqual([
      "start",
      "gap 1-60",
      ...range(61, 200),
      "complete",
    ]);
  });

  test("gap - without a history, what the ring has dropped is told", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t", ringLinesMax: 1 });
    for (let seq = 1; seq <= 200; seq++) log.publish(numberedLines(seq, 1));
    log.complete(done);
    const [, gap, first] = await all(log.subscribe(options({ all: true })));
    expect(gap).toBe(`gap 1-${(first as number) - 1}`);
  });

  test("numbered lines - what is known is skipped, what was jumped over is the history's", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t", history: new KeptLines() });
    log.publishNumbered(numberedLines(1, 5));
    log.publishNumbered(numberedLines(3, 5));
    log.publishNumbered(numberedLines(2, 2));
    log.publishNumbered(numberedLines(100, 5));
    log.complete(done);
    expect(await all(log.subscribe(options({ all: true })))).toEqual(["start", ...range(1, 104), "complete"]);
  });

  test("no follow - ends where the log ended when it was asked for", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    log.publish(numberedLines(1, 3));
    const stream = log.subscribe(options({ all: true }, { follow: false }));
    log.publish(numberedLines(4, 3));
    expect(await all(stream)).toEqual(["start", "status", 1, 2, 3]);
  });

  test("abort - ends an idle stream quietly and lets go of the cursor", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    const leave = new AbortController();
    const reader = all(log.subscribe(options({ all: true }, { signal: leave.signal })));
    await Bun.sleep(0);
    leave.abort();
    expect(await reader).toEqual(["start", "status"]);
    expect(log.subscribers).toBe(0);
  });

  test("break - lets go of the cursor, also before the first item", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    for await (const _ of log.subscribe(options({ all: true }))) break;
    await log.subscribe(options({ all: true })).return?.();
    expect(log.subscribers).toBe(0);
  });

  test("partial - unfinished text is shown to who has seen all lines, and its line replaces it", async () => {
    const log = new TaskLogBroadcaster({ taskId: "t" });
    const stream = log.subscribe(options({ all: true }));
    const kinds: string[] = [];
    const reader = (async () => {
      for await (const item of stream) kinds.push(item.kind);
    })();
    log.setPartial({ stream: "stdout", text: Buffer.from("Name: "), seconds: 1, nanos: 1 });
    await Bun.sleep(1);
    log.publish(numberedLines(1, 1));
    await Bun.sleep(1);
    log.complete(done);
    await reader;
    expect(kinds).toEqual(["start", "status", "partial", "batch", "complete"]);
  });

  test("batch - a subscriber gets at most as many lines at once as is set", async () => {
    const log = new TaskLogBroadcaster({
      taskId: "t",
      batchLinesMax: 7,
      history: new KeptLines(),
      ringLinesMax: 20,
    });
    log.publish(numberedLines(1, 500));
    log.complete(done);
    for await (const item of log.subscribe(options({ all: true }))) {
      if (item.kind === "batch") expect(item.batch.count).toBeLessThanOrEqual(7);
    }
  });
});
