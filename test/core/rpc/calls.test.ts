import { expect, test } from "bun:test";
import { createServer } from "node:http";
import { credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { TasklogError } from "../../../src/core/base/errors.ts";
import { tasklogVersion } from "../../../src/core/base/version.ts";
import { callMetadata } from "../../../src/core/rpc/call-metadata.ts";
import { clientOptions } from "../../../src/core/rpc/channel-options.ts";
import { unaryCall } from "../../../src/core/rpc/client-calls.ts";
import { MasterClient as GrpcClient } from "../../../src/core/rpc/gen/tasklog/v1/master.ts";
import { Task } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { formatAddress } from "../../../src/core/rpc/link/addresses.ts";
import { connectMaster } from "../../../src/core/rpc/master-client.ts";
import type { CallContext } from "../../../src/core/rpc/server-methods.ts";
import { freePort } from "../../helpers/free-port.ts";
import { until } from "../../helpers/until.ts";
import { type RunningMaster, runningMaster } from "./master-fixture.ts";
import { thrownBy } from "./thrown-by.ts";

test("a call carries its message, its user and where it comes from", async () => {
  const seen: CallContext[] = [];
  await using master = await runningMaster({
    submitTask(request, call) {
      seen.push(call);
      return Task.fromPartial({ id: "task-1", spec: request.spec });
    },
  });
  const task = await master.client.submitTask({ spec: { image: "busybox", env: ["A=é"] }, requestId: "r" });
  expect(task.spec?.env).toEqual(["A=é"]);
  expect(seen[0]?.userId).toBe("zoë");
  expect(seen[0]?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
});

test.each([
  ["already_exists", new TasklogError("already_exists", "the name a is in use by task-1")],
  ["internal", new RangeError("a fault of ours")],
  ["internal", "thrown text"],
])("what a handler throws arrives as one TasklogError, %s", async (code, thrown) => {
  await using master = await runningMaster({
    submitTask() {
      throw thrown;
    },
  });
  const message = thrown instanceof Error ? thrown.message : thrown;
  expect(await thrownBy(master.client.submitTask({}))).toMatchObject({ name: "TasklogError", code, message });
});

test("nobody at the address is told in one sentence", async () => {
  const port = await freePort();
  using client = connectMaster({ host: "127.0.0.1", port }, { userId: "" });
  expect(await thrownBy(client.getInfo())).toMatchObject({
    code: "unavailable",
    message: `cannot reach the master at 127.0.0.1:${port}: nobody listens there; is it running?`,
  });
});

test("an HTTP server at the address is told as no tasklog", async () => {
  const http = createServer((_request, response) => response.end("hello"));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as { port: number };
  using client = connectMaster({ host: "127.0.0.1", port }, { userId: "" });
  const error = await client.getInfo().catch((thrown) => thrown);
  expect(error).toBeInstanceOf(TasklogError);
  expect(error.message).toContain(`127.0.0.1:${port}`);
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

test("a name that does not resolve is told as such", async () => {
  using client = connectMaster({ host: "no-such-host.invalid", port: 1 }, { userId: "" });
  expect(await thrownBy(client.getInfo())).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("there is no host of that name"),
  });
});

test("a call is cancelled through to its handler, and an aborted signal makes none", async () => {
  let cancelled = 0;
  await using master = await runningMaster({
    getInfo: ({ signal }) => new Promise(() => signal.addEventListener("abort", () => cancelled++)),
  });
  const abort = new AbortController();
  const call = master.client.getInfo(abort.signal);
  call.catch(() => {});
  await Bun.sleep(50);
  abort.abort();
  expect(await thrownBy(call)).toMatchObject({ code: "aborted" });
  await until("the handler's abort", () => cancelled === 1);
  expect(await thrownBy(master.client.getInfo(abort.signal))).toMatchObject({ code: "aborted" });
});

test("a call that is not answered ends at its deadline, as does its handler", async () => {
  let cancelled = 0;
  await using master = await runningMaster({
    getInfo: ({ signal }) => new Promise(() => signal.addEventListener("abort", () => cancelled++)),
  });
  const raw = rawClient(master);
  const target = { peer: "the master", metadata: callMetadata("") };
  const call = unaryCall(raw.getInfo.bind(raw), {}, target, { timeoutMs: 100 });
  expect(await thrownBy(call)).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("in time"),
  });
  await until("the handler's abort", () => cancelled === 1);
  raw.close();
});

function rawClient({ listener }: RunningMaster): GrpcClient {
  return new GrpcClient(formatAddress(listener.address), credentials.createInsecure(), clientOptions);
}

function infoWith(client: GrpcClient, metadata: Metadata): Promise<ServiceError | null> {
  return new Promise((resolve) => client.getInfo({}, metadata, (error) => resolve(error)));
}

test("a peer of another protocol is refused with both versions; one that says nothing is served", async () => {
  await using master = await runningMaster();
  const raw = rawClient(master);
  const refused = await infoWith(raw, callMetadata("", 2, "9.8.7"));
  expect(refused?.metadata.get("tasklog-code")).toEqual(["incompatible"]);
  expect(refused?.details).toContain(
    `this tasklog is ${tasklogVersion} (protocol 1), the caller is 9.8.7 (protocol 2)`,
  );
  expect(await infoWith(raw, callMetadata(""))).toBeNull();
  const bare = callMetadata("");
  bare.remove("tasklog-protocol");
  expect(await infoWith(raw, bare)).toBeNull();
  raw.close();
});

test("http_proxy in the environment changes nothing", async () => {
  const before = { ...process.env };
  for (const name of ["http_proxy", "https_proxy", "grpc_proxy"]) process.env[name] = "http://127.0.0.1:9";
  try {
    await using master = await runningMaster();
    expect((await master.client.getInfo()).masterId).toBe("m1");
  } finally {
    for (const name of ["http_proxy", "https_proxy", "grpc_proxy"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

test("a closed client says so, and closing twice is nothing", async () => {
  await using master = await runningMaster();
  master.client.close();
  master.client.close();
  expect(await thrownBy(master.client.getInfo())).toMatchObject({ code: "unavailable" });
  for await (const _ of master.client.streamTaskLogs({})) throw new Error("an item");
});

test("a client goes on after its master was restarted on the same port", async () => {
  const first = await runningMaster();
  using client = connectMaster(first.listener.address, { userId: "" });
  await client.getInfo();
  await first[Symbol.asyncDispose]();
  expect(await thrownBy(client.getInfo())).toMatchObject({ code: "unavailable" });
  await using _next = await runningMaster({}, undefined, first.listener.address);
  await until("an answer", () => client.getInfo());
});
