import { expect, test } from "bun:test";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { flowControlWindowBytes, writesInFlightMax } from "../../../src/core/base/limits.ts";
import { silentLogger } from "../../../src/core/base/logger.ts";
import type { LogItem } from "../../../src/core/log/log-item.ts";
import { startListener } from "../../../src/core/rpc/link/listener.ts";
import type { CallContext } from "../../../src/core/rpc/server-methods.ts";
import { connectWorker } from "../../../src/core/rpc/worker-client.ts";
import { until } from "../../helpers/until.ts";
import { runningMaster } from "./master-fixture.ts";
import { type Answers, linesItem, loopback, workerServer } from "./worker-fixture.ts";

/** A source of batches without end, and how often it was asked, is running and was released. */
function endless(lines = 100) {
  const count = { yielded: 0, released: 0, started: 0 };
  async function* source(_request: unknown, _call: CallContext): AsyncGenerator<LogItem> {
    count.started++;
    try {
      for (let seq = 1; ; seq += lines) {
        yield linesItem(seq, lines);
        count.yielded++;
      }
    } finally {
      count.released++;
    }
  }
  return { count, source };
}

async function dialledWorker(answers: Answers) {
  const server = workerServer(answers);
  const listener = await startListener({ address: loopback, server, logger: silentLogger });
  const client = await connectWorker(listener.address);
  return {
    client,
    server,
    async [Symbol.asyncDispose]() {
      client.close();
      await listener.close();
      await server.close(500);
    },
  };
}

/** Waits until a counter stands still for 300 ms. */
async function settled(counter: () => number): Promise<number> {
  let last = -1;
  let sinceMs = performance.now();
  await until("it stands still", () => {
    if (counter() !== last) {
      last = counter();
      sinceMs = performance.now();
    }
    return performance.now() - sinceMs > 300;
  });
  return last;
}

test("a reader that leaves in the middle releases the generator at the other end", async () => {
  const { count, source } = endless();
  await using master = await runningMaster({ streamTaskLogs: source });
  await using worker = await dialledWorker({ streamLogs: source });
  for (const stream of [master.client.streamTaskLogs({}), worker.client.streamLogs({})]) {
    let items = 0;
    for await (const _ of stream) if (++items === 10) break;
  }
  await until("both released", () => count.released === 2);
});

test("an aborted signal ends a stream quietly and releases a generator that waits", async () => {
  let released = 0;
  async function* waiting(_request: unknown, { signal }: CallContext): AsyncGenerator<LogItem> {
    try {
      yield linesItem(1, 1);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    } finally {
      released++;
    }
  }
  await using master = await runningMaster({ streamTaskLogs: waiting });
  await using worker = await dialledWorker({ streamLogs: waiting });
  const abort = new AbortController();
  let begun = 0;
  const read = async (stream: AsyncIterable<LogItem>) => {
    let items = 0;
    for await (const _ of stream) {
      items++;
      begun++;
    }
    return items;
  };
  const reading = [
    read(master.client.streamTaskLogs({}, abort.signal)),
    read(worker.client.streamLogs({}, abort.signal)),
  ];
  await until("both have begun", () => begun === 2);
  abort.abort();
  expect(await Promise.all(reading)).toEqual([1, 1]);
  await until("both released", () => released === 2);
  expect(await read(master.client.streamTaskLogs({}, abort.signal))).toBe(0);
});

test("a stream that nobody reads is not even started", async () => {
  const { count, source } = endless();
  await using master = await runningMaster({ streamTaskLogs: source });
  await using worker = await dialledWorker({ streamLogs: source });
  const never = [master.client.streamTaskLogs({}), worker.client.streamLogs({})];
  await master.client.getInfo();
  await worker.client.hello({});
  expect(count.started).toBe(0);
  for (const stream of never) await stream.return();
});

test("an error in the middle comes after the items before it", async () => {
  async function* failing(): AsyncGenerator<LogItem> {
    for (let seq = 1; seq <= 50; seq++) yield linesItem(seq, 1);
    throw new TasklogError("not_found", "task-1 was removed");
  }
  await using master = await runningMaster({ streamTaskLogs: failing });
  await using worker = await dialledWorker({ streamLogs: failing });
  for (const stream of [master.client.streamTaskLogs({}), worker.client.streamLogs({})]) {
    let items = 0;
    const read = async () => {
      for await (const _ of stream) items++;
    };
    expect(await read().catch((error) => error)).toMatchObject({
      code: "not_found",
      message: "task-1 was removed",
    });
    expect(items).toBe(50);
  }
});

test("a slow reader holds its generator back, and gets everything when it goes on", async () => {
  const { count, source } = endless(100);
  await using master = await runningMaster({ streamTaskLogs: source });
  const stream = master.client.streamTaskLogs({});
  await stream.next();
  const batchBytes = 100 * 101;
  const ahead = await settled(() => count.yielded);
  // The receiver's window, what its parser holds, and the few on their way.
  expect(ahead * batchBytes).toBeLessThan(flowControlWindowBytes * 1.5 + writesInFlightMax * batchBytes);
  let next = 101;
  for await (const item of stream) {
    if (item.kind !== "batch") continue;
    expect(item.batch.firstSeq).toBe(next);
    next += item.batch.count;
    if (next > (ahead + 500) * 100) break;
  }
  await until("released", () => count.released === 1);
});

test("one stream that is not read stops neither other streams nor calls of the same master", async () => {
  const { count, source } = endless(1000);
  await using master = await runningMaster({ streamTaskLogs: source });
  const stopped = master.client.streamTaskLogs({});
  await stopped.next();
  await settled(() => count.yielded);
  let items = 0;
  for await (const _ of master.client.streamTaskLogs({})) if (++items === 200) break;
  expect((await master.client.getInfo()).masterId).toBe("m1");
  await stopped.return();
  await until("both released", () => count.released === 2);
});

test("a live stream of a worker that is left lying is cut, and the others of its connection go on", async () => {
  const { count, source } = endless(1000);
  await using worker = await dialledWorker({ streamLogs: source });
  const lying = worker.client.streamLogs({ taskId: "lying" });
  await lying.next();
  await until("cut", () => count.released === 1);
  let items = 0;
  for await (const _ of worker.client.streamLogs({})) if (++items === 100) break;
  const rest = async () => {
    for await (const _ of lying);
  };
  expect(await rest().catch((error) => error)).toMatchObject({ code: "exhausted" });
});

test("memory of the sender stays flat while a reader does not read", async () => {
  const { count, source } = endless(1000);
  await using master = await runningMaster({ streamTaskLogs: source });
  const streams = Array.from({ length: 5 }, () => master.client.streamTaskLogs({}));
  for (const stream of streams) await stream.next();
  const atRest = await settled(() => count.yielded);
  await Bun.sleep(500);
  expect(count.yielded).toBe(atRest);
  for (const stream of streams) await stream.return();
  await until("all released", () => count.released === 5);
});

test("a server that closes does not wait for a reader that does not read", async () => {
  const { count, source } = endless(1000);
  const master = await runningMaster({ streamTaskLogs: source });
  const stream = master.client.streamTaskLogs({});
  await stream.next();
  await settled(() => count.yielded);
  await master.listener.close();
  // To wait for the reader would take for ever.
  await master.server.close(300);
  const rest = async () => {
    for await (const _ of stream);
  };
  expect(await rest().catch((error) => error)).toMatchObject({ code: "unavailable" });
  await until("released", () => count.released === 1);
  await master[Symbol.asyncDispose]();
});

test("a call that is being answered when the server closes gets its answer", async () => {
  const answer = Promise.withResolvers<void>();
  await using worker = await dialledWorker({
    async hello() {
      await answer.promise;
      return { worker: undefined, protocol: 7, nowMs: 0 };
    },
  });
  const call = worker.client.hello({});
  await Bun.sleep(50);
  const closing = worker.server.close();
  answer.resolve();
  expect((await call).protocol).toBe(7);
  await closing;
});
