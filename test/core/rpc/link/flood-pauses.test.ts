// An address that floods over ever new connections is slowed down, and served again when it stops.
import { expect, test } from "bun:test";
import { connect } from "node:net";
import {
  floodMemoryMs,
  floodPauseMs,
  floodSpaceMs,
  floodWaitMsMax,
} from "../../../../src/core/base/limits.ts";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { createGrpcServer } from "../../../../src/core/rpc/grpc-server.ts";
import { FloodPauses } from "../../../../src/core/rpc/link/flood-pauses.ts";
import { http2Preface, startListener } from "../../../../src/core/rpc/link/listener.ts";
import { until } from "../../../helpers/until.ts";
import { loopback } from "../worker-fixture.ts";

test("connections of a flooder wait in a row, those of others do not, and it is forgotten", () => {
  const pauses = new FloodPauses();
  expect(pauses.wait("a", 0)).toBe(0);
  pauses.blame("a", 1000);
  expect(pauses.wait("b", 1000)).toBe(0);
  expect(pauses.wait("a", 1000)).toBe(floodPauseMs);
  expect(pauses.wait("a", 1000)).toBe(floodPauseMs + floodSpaceMs);
  pauses.blame("a", 1000);
  expect(pauses.wait("a", 1000)).toBe(2 * floodPauseMs + 2 * floodSpaceMs);
  for (let time = 0; time < floodWaitMsMax / floodPauseMs; time++) pauses.blame("a", 1000);
  expect(pauses.wait("a", 1000)).toBeUndefined();
  expect(pauses.wait("a", 1000 + 2 * floodWaitMsMax + floodMemoryMs)).toBe(0);
});

const frame = (type: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

test("who floods and connects anew waits, and is then served", async () => {
  const server = createGrpcServer();
  await using _server = server;
  await using listener = await startListener({ address: loopback, server, logger: silentLogger });
  const open = () => {
    const socket = connect(listener.address.port, "127.0.0.1").on("error", () => {});
    const state = { socket, isClosed: false, bytes: 0 };
    socket.on("data", ({ length }) => (state.bytes += length)).on("close", () => (state.isClosed = true));
    socket.write(Buffer.concat([http2Preface, frame(4, 0)]));
    return state;
  };
  const flooder = open();
  await until("it is served", () => flooder.bytes > 0);
  const pings = Buffer.concat(Array.from({ length: 5000 }, () => frame(6, 0, Buffer.alloc(8))));
  await until("it is ended", () => flooder.isClosed || (flooder.socket.write(pings) && false));
  const startMs = performance.now();
  const next = open();
  await until("the next is served", () => next.bytes > 0);
  expect(performance.now() - startMs).toBeGreaterThan(floodPauseMs / 2);
  next.socket.destroy();
});
