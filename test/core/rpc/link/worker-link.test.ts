import { expect, test } from "bun:test";
import { createServer } from "node:net";
import type { TasklogError } from "../../../../src/core/base/errors.ts";
import { shutdownTimeoutMs } from "../../../../src/core/base/limits.ts";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import type { LogItem } from "../../../../src/core/log/log-item.ts";
import { startWorkerLink, type WorkerLinkOptions } from "../../../../src/core/rpc/link/worker-link.ts";
import { connectWorker, type WorkerClient } from "../../../../src/core/rpc/worker-client.ts";
import { freePort } from "../../../helpers/free-port.ts";
import { until } from "../../../helpers/until.ts";
import { thrownBy } from "../thrown-by.ts";
import { linesItem, loopback, masterEnd, workerServer } from "../worker-fixture.ts";

/** A link whose ups and downs are written down. */
async function watchedLink(options: Pick<WorkerLinkOptions, "master" | "server">) {
  const events: string[] = [];
  const link = await startWorkerLink({
    ...options,
    logger: silentLogger,
    onUp: () => events.push("up"),
    onDown: (error) => events.push(`down: ${error.message}`),
  });
  return { link, events, [Symbol.asyncDispose]: () => link.close() };
}

async function failureOf(stream: AsyncIterable<unknown>): Promise<TasklogError | "ended"> {
  try {
    for await (const _ of stream);
    return "ended";
  } catch (error) {
    return error as TasklogError;
  }
}

const nth = (workers: readonly WorkerClient[], count: number) =>
  until(`worker ${count}`, () => workers[count - 1]);

test("a worker waits for its master, and comes back whenever the master does", async () => {
  const port = await freePort();
  const master = { host: "127.0.0.1", port };
  await using linked = await watchedLink({ master, server: workerServer() });
  await until("the first failure", () => linked.events.length === 1);
  expect(linked.events[0]).toContain(`127.0.0.1:${port}: nobody listens there`);
  for (let round = 1; round <= 3; round++) {
    await using end = await masterEnd(port);
    const worker = await nth(end.workers, 1);
    expect((await worker.hello({ masterId: "m" })).worker?.name).toBe("w1");
    await until("up", () => linked.events.at(-1) === "up");
    await end[Symbol.asyncDispose]();
    await worker.closed;
    await until("down", () => linked.events.at(-1)?.startsWith("down: lost the master"));
  }
  expect(linked.events).toHaveLength(7);
});

test("a worker that listens serves masters that dial, one after the other and two at once", async () => {
  await using link = await startWorkerLink({
    listen: loopback,
    server: workerServer(),
    logger: silentLogger,
  });
  if (link.address === undefined) throw new Error("no address");
  using first = await connectWorker(link.address);
  using second = await connectWorker(link.address);
  expect((await first.hello({})).worker?.name).toBe("w1");
  expect((await second.hello({})).worker?.name).toBe("w1");
  first.close();
  await first.closed;
  using third = await connectWorker(link.address);
  expect((await third.hello({})).worker?.name).toBe("w1");
});

test("dialling a worker that is not there fails with a sentence", async () => {
  const port = await freePort();
  expect(await thrownBy(connectWorker({ host: "127.0.0.1", port }))).toMatchObject({
    code: "unavailable",
    message: `cannot reach the worker at 127.0.0.1:${port}: nobody listens there`,
  });
});

test("what is no master is told as such and tried again", async () => {
  const stranger = createServer((socket) => {
    socket.on("error", () => {}).resume();
    socket.end("220 smtp ready\r\n");
  });
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  const { port } = stranger.address() as { port: number };
  await using linked = await watchedLink({ master: { host: "127.0.0.1", port }, server: workerServer() });
  await until("the sentence", () => linked.events[0]?.includes("is no tasklog master"));
  await new Promise((resolve) => stranger.close(resolve));
  await using end = await masterEnd(port);
  await nth(end.workers, 1);
});

test("two hundred streams down one connection arrive whole, in order, and end", async () => {
  await using end = await masterEnd();
  const server = workerServer({
    async *streamLogs() {
      for (let seq = 1; seq <= 1000; seq += 50) yield linesItem(seq, 50);
    },
  });
  await using _linked = await watchedLink({ master: end.listener.address, server });
  const worker = await nth(end.workers, 1);
  const read = async () => {
    let next = 1;
    for await (const item of worker.streamLogs({ compress: true })) {
      if (item.kind !== "batch") continue;
      expect(item.batch.firstSeq).toBe(next);
      next += item.batch.count;
    }
    return next - 1;
  };
  expect(await Promise.all(Array.from({ length: 200 }, read))).toEqual(Array(200).fill(1000));
});

test("a link that closes lets go of its streams with `unavailable`, at once, and calls nobody down", async () => {
  await using end = await masterEnd();
  let released = 0;
  const server = workerServer({
    async *streamLogs(_request, { signal }) {
      yield linesItem(1, 1);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      released++;
    },
  });
  const linked = await watchedLink({ master: end.listener.address, server });
  const worker = await nth(end.workers, 1);
  const seen: LogItem[] = [];
  const reading = failureOf(
    (async function* () {
      for await (const item of worker.streamLogs({})) yield seen.push(item);
    })(),
  );
  const watching = failureOf(worker.watchTasks());
  await until("a line", () => seen.length === 1);
  const startedMs = performance.now();
  await linked.link.close();
  await linked.link.close();
  // After so long it would have been cut.
  expect(performance.now() - startedMs).toBeLessThan(shutdownTimeoutMs);
  expect(await reading).toMatchObject({ code: "unavailable", message: "this tasklog is shutting down" });
  expect(await watching).toMatchObject({ code: "unavailable" });
  await worker.closed;
  expect(await thrownBy(worker.hello({}))).toMatchObject({ code: "unavailable" });
  await until("the generator's end", () => released === 1);
  expect(linked.events).toEqual(["up"]);
});

function spawn(script: URL, ...args: string[]) {
  const child = Bun.spawn([process.execPath, Bun.fileURLToPath(script), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, http_proxy: "http://127.0.0.1:9", GRPC_VERBOSITY: "DEBUG", GRPC_TRACE: "all" },
  });
  return {
    child,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

const spawnWorker = (port: number) => spawn(new URL("./worker-process.ts", import.meta.url), String(port));

test("a worker killed in the middle of a stream is told as `unavailable`, and its successor is served", async () => {
  await using end = await masterEnd();
  await using victim = spawnWorker(end.listener.address.port);
  const worker = await nth(end.workers, 1);
  let lines = 0;
  const reading = failureOf(
    (async function* () {
      for await (const item of worker.streamLogs({})) {
        if (item.kind === "batch") lines += item.batch.count;
        yield item;
      }
    })(),
  );
  await until("some lines", () => lines > 100);
  victim.child.kill("SIGKILL");
  expect(await reading).toMatchObject({ code: "unavailable" });
  await worker.closed;
  await using next = spawnWorker(end.listener.address.port);
  await (await nth(end.workers, 2)).hello({});
  next.child.kill("SIGKILL");
  expect(await next.child.stderr.text()).toBe("");
  expect(await next.child.stdout.text()).toBe("");
});

test.concurrent("a worker that was stopped is noticed by keep-alive, and comes back by itself when it goes on", async () => {
  await using end = await masterEnd();
  await using stopped = spawnWorker(end.listener.address.port);
  const worker = await nth(end.workers, 1);
  const reading = failureOf(worker.streamLogs({}));
  await worker.hello({});
  const startedMs = performance.now();
  stopped.child.kill("SIGSTOP");
  expect(await reading).toMatchObject({ code: "unavailable" });
  await worker.closed;
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  stopped.child.kill("SIGCONT");
  await (await nth(end.workers, 2)).hello({});
}, 40_000);

test.concurrent("a master that was stopped is noticed by keep-alive, and dialled again", async () => {
  await using stopped = spawn(new URL("./master-process.ts", import.meta.url));
  let port = 0;
  for await (const text of stopped.child.stdout.pipeThrough(new TextDecoderStream())) {
    port = Number(text);
    break;
  }
  await using linked = await watchedLink({ master: { host: "127.0.0.1", port }, server: workerServer() });
  await until("up", () => linked.events.length === 1);
  stopped.child.kill("SIGSTOP");
  await until("down", () => linked.events[1]?.startsWith("down: lost"), { timeoutMs: 22_000 });
  stopped.child.kill("SIGCONT");
  await until("up again", () => linked.events[2] === "up");
}, 40_000);
