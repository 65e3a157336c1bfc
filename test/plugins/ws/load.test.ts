// Many viewers and those that do not read, against the real worker with the process runtime.
import { expect, test } from "bun:test";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { silentLogger } from "../../../src/core/base/logger.ts";
import { startMaster } from "../../../src/core/master/master.ts";
import type { Plugin } from "../../../src/core/master/plugins/plugin.ts";
import type { TaskJson } from "../../../src/core/rpc/task-json.ts";
import { startWorker } from "../../../src/core/worker/worker.ts";
import ws from "../../../src/plugins/ws/index.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { until } from "../../helpers/until.ts";
import { TestSocket, upgradeRequest } from "./web-fixture.ts";

async function setup() {
  const parts = new AsyncDisposableStack();
  const dir = parts.use(await tempDir());
  const loopback = { host: "127.0.0.1", port: 0 };
  const master = parts.use(
    await startMaster({
      grpc: loopback,
      http: loopback,
      dataDir: `${dir.path}/master`,
      plugins: [ws as unknown as Plugin],
      logger: silentLogger,
    }),
  );
  parts.use(
    await startWorker({
      master: master.grpcAddress,
      dataDir: `${dir.path}/worker`,
      runtimes: ["process"],
      logger: silentLogger,
    }),
  );
  const port = master.httpAddress?.port ?? 0;
  const base = `http://127.0.0.1:${port}`;
  return {
    port,
    base,
    /** Submits a shell script and gives the task's id. */
    async run(script: string): Promise<string> {
      const answer = await fetch(`${base}/api/v1/tasks`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ runtime: "process", command: ["sh", "-c", script] }),
      });
      return ((await answer.json()) as { id: string }).id;
    },
    async ended(id: string): Promise<void> {
      await until(`${id} has ended`, async () => {
        const task = (await (await fetch(`${base}/api/v1/tasks/${id}`)).json()) as TaskJson;
        return task.finished !== null;
      });
    },
    /** A client that has asked and reads nothing until it is resumed. Gives the bytes that came. */
    stopped(request: string): {
      socket: Socket;
      bytes: () => number;
      text: () => string;
      ended: () => boolean;
    } {
      const socket = connect(port, "127.0.0.1");
      parts.defer(() => void socket.destroy());
      const pieces: Buffer[] = [];
      let ended = false;
      socket.on("error", () => {});
      socket.on("data", (piece: Buffer) => pieces.push(piece));
      socket.on("close", () => {
        ended = true;
      });
      socket.on("end", () => {
        ended = true;
      });
      socket.pause();
      socket.write(request);
      return {
        socket,
        bytes: () => pieces.reduce((sum, { length }) => sum + length, 0),
        text: () => Buffer.concat(pieces).toString("latin1"),
        ended: () => ended,
      };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const seq = (count: number) => `seq -f 'line %.0f ${"x".repeat(80)}' 1 ${count}`;

test("200 viewers of one task see every line once and in order, and its end", async () => {
  await using t = await setup();
  const count = 3000;
  const id = await t.run(`${seq(count)} | while read l; do echo "$l"; done; exit 3`);
  const viewers = Array.from(
    { length: 200 },
    () => new TestSocket(`ws://127.0.0.1:${t.port}/logs/${id}?all=1`, ["tasklog.v1"], {}),
  );
  await until("all are through", () => viewers.every(({ closed }) => closed), { timeoutMs: 60_000 });
  for (const viewer of viewers) {
    expect(viewer.lines.length).toBe(count);
    for (const [index, line] of viewer.lines.entries()) {
      if (!line.startsWith(`${index + 1} line ${index + 1} `)) throw new Error(`${index + 1}: ${line}`);
    }
    expect(viewer.frames.at(-1)).toMatchObject({
      type: "complete",
      completion: { exitCode: 3, lastSeq: count },
    });
  }
}, 90_000);

test("viewers that stop reading keep a cursor: memory is bounded, others go on, and nothing is lost to them", async () => {
  await using t = await setup();
  const count = 300_000;
  const id = await t.run(`sleep 0.5; ${seq(count)}`);
  const upgrade = upgradeRequest(`/logs/${id}?all=1`, { "sec-websocket-protocol": "tasklog.v1" });
  const events = `GET /logs/${id}?from=1 HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\nconnection: close\r\n\r\n`;
  const sockets = Array.from({ length: 20 }, () => t.stopped(upgrade));
  const streams = Array.from({ length: 10 }, () => t.stopped(events));
  await t.ended(id);
  const exported = `GET /api/v1/tasks/${id}/log?format=ndjson HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
  const exports = Array.from({ length: 10 }, () => t.stopped(exported));
  const live = new TestSocket(`ws://127.0.0.1:${t.port}/logs/${id}?all=1`, ["tasklog.v1"], {});
  await until("one that reads has all", () => live.closed, { timeoutMs: 60_000 });
  expect(live.lines.length).toBe(count);
  Bun.gc(true);
  // Each of the forty would hold more than 40 MB if what it does not read were kept for it.
  expect(process.memoryUsage().rss).toBeLessThan(1_000_000_000);
  for (const one of [sockets[0], streams[0], exports[0]]) one?.socket.resume();
  await until(
    "those that read on come to the end",
    () => [sockets[0], streams[0], exports[0]].every((one) => one?.ended()),
    {
      timeoutMs: 60_000,
    },
  );
  for (const [one, place] of [
    [sockets[0], /,[01],"line (\d+) x/g],
    [streams[0], /"text":"line (\d+) x/g],
    [exports[0], /"text":"line (\d+) x/g],
  ] as const) {
    const numbers = [...(one?.text() ?? "").matchAll(place)].map(([, number]) => Number(number));
    expect(numbers.length).toBe(count);
    expect(numbers.every((number, index) => number === index + 1)).toBe(true);
  }
}, 120_000);

test("search and density look through a long log without holding up the others", async () => {
  await using t = await setup();
  const count = 500_000;
  const id = await t.run(`${seq(count)}; echo the needle`);
  await t.ended(id);
  let worstMs = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    worstMs = Math.max(worstMs, performance.now() - last - 5);
    last = performance.now();
  }, 5);
  const log = `${t.base}/api/v1/tasks/${id}/log`;
  for (const query of [
    "q=needle",
    "q=NEEDLE",
    "q=need(le|y)&regex=1",
    "q=nothing",
    "q=needle&direction=prev&from=999999",
  ]) {
    const steps = (await (await fetch(`${log}/search?${query}`)).text()).trim().split("\n");
    const found = steps.flatMap((step) => JSON.parse(step).matches ?? []);
    expect(found.map((match: { seq: number }) => match.seq)).toEqual(
      query === "q=nothing" ? [] : [count + 1],
    );
  }
  const density = async () =>
    (await (await fetch(`${log}/density?buckets=100`)).json()) as { buckets: Array<{ lines: number }> };
  const { buckets } = await density();
  const startMs = performance.now();
  expect(await density()).toEqual(expect.objectContaining({ buckets }));
  expect(performance.now() - startMs).toBeLessThan(1000);
  expect(buckets.reduce((sum, { lines }) => sum + lines, 0)).toBe(count + 1);
  clearInterval(beat);
  expect(worstMs).toBeLessThan(1000);
}, 120_000);
