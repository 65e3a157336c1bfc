import { expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { createGrpcServer } from "../../../../src/core/rpc/grpc-server.ts";
import { http2Preface, startListener, workerHello } from "../../../../src/core/rpc/link/listener.ts";
import { connectWorker } from "../../../../src/core/rpc/worker-client.ts";
import { until } from "../../../helpers/until.ts";
import { thrownBy } from "../thrown-by.ts";
import { loopback, masterEnd, workerServer } from "../worker-fixture.ts";

/** A client that says `pieces` one after the other, and what it heard until it was closed. */
async function talk(port: number, ...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("data", (bytes) => {
    heard += bytes.toString("latin1");
  });
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.setNoDelay(true);
  for (const piece of pieces) {
    socket.write(piece);
    await Bun.sleep(20); // so that each is a packet of its own
  }
  await closed;
  return heard;
}

test.each([
  ["garbage", "hello?\r\n"],
  ["random bytes", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0xff, 0, 0])],
  ["a megabyte of it", Buffer.alloc(1024 * 1024, 0x50)],
  ["a worker of a later protocol", "TASKLOG-WORKER/2\n"],
  ["a worker that goes on before it was answered", Buffer.concat([workerHello, Buffer.from("more")])],
])("%s gets one line of text and is closed", async (_what, bytes) => {
  await using master = await masterEnd();
  const heard = await talk(master.listener.address.port, bytes);
  if (bytes.length < 1000) expect(heard).toMatch(/^tasklog: this port is for tasklog's gRPC.*\n$/);
  expect(master.workers).toHaveLength(0);
});

test("a browser gets the sentence as an HTTP answer", async () => {
  await using master = await masterEnd();
  const reply = await fetch(`http://127.0.0.1:${master.listener.address.port}/`);
  expect(reply.status).toBe(400);
  expect(await reply.text()).toContain("--http");
});

test("a preface that comes in pieces is served", async () => {
  await using server = workerServer();
  await using listener = await startListener({ address: loopback, server, logger: silentLogger });
  const socket = connect(listener.address.port, "127.0.0.1");
  let heard = 0;
  socket.on("data", (bytes) => {
    heard += bytes.length;
  });
  // An empty SETTINGS frame follows the preface; the server answers with its own.
  const all = Buffer.concat([http2Preface, Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);
  for (const at of [0, 3, 20]) {
    socket.write(all.subarray(at, at === 0 ? 3 : at === 3 ? 20 : undefined));
    await Bun.sleep(20);
  }
  await until("settings of the server", () => heard > 9);
  expect(server.connections).toBe(1);
  socket.destroy();
});

test("a worker whose hello comes in pieces is taken", async () => {
  await using master = await masterEnd();
  const socket = connect(master.listener.address.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(workerHello.subarray(0, 5));
  await Bun.sleep(20);
  socket.write(workerHello.subarray(5));
  await until("the worker", () => master.workers.length === 1);
  socket.destroy();
  await master.workers[0]?.closed;
});

test("silence and half a preface are closed after the hello time-out, and others are served meanwhile", async () => {
  await using server = workerServer();
  await using listener = await startListener({ address: loopback, server, logger: silentLogger });
  const startedMs = performance.now();
  const quiet = [talk(listener.address.port), talk(listener.address.port, http2Preface.subarray(0, 10))];
  using client = await connectWorker(listener.address);
  expect((await client.hello({})).worker?.name).toBe("w1");
  expect(await Promise.all(quiet)).toEqual(["", ""]);
  expect(performance.now() - startedMs).toBeWithin(4000, 9000);
}, 15_000);

test("a port that is taken is told in one sentence", async () => {
  await using master = await masterEnd();
  const again = startListener({
    address: master.listener.address,
    server: createGrpcServer(),
    logger: silentLogger,
    what: "--grpc",
  });
  const { port } = master.listener.address;
  expect(await thrownBy(again)).toMatchObject({
    code: "busy",
    message: expect.stringMatching(new RegExp(`^--grpc 127.0.0.1:${port} is taken .*port$`)),
  });
});

test("an address of another host is told in one sentence", async () => {
  const options = {
    address: { host: "192.0.2.1", port: 0 },
    server: createGrpcServer(),
    logger: silentLogger,
  };
  expect(await thrownBy(startListener(options))).toMatchObject({ code: "usage" });
});

test("a closed listener leaves the port free and no socket behind", async () => {
  const master = await masterEnd();
  const { address } = master.listener;
  const socket = connect(address.port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  await until("it is accepted", () => true);
  await master[Symbol.asyncDispose]();
  await master.listener.close();
  await closed;
  const next = createServer((other: Socket) => other.destroy());
  await new Promise<void>((resolve, reject) => {
    next.once("error", reject);
    next.listen(address.port, "127.0.0.1", resolve);
  });
  next.close();
});
