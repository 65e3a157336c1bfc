import { expect, test } from "bun:test";
import { type AddressInfo, connect, createServer } from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { credentials } from "@grpc/grpc-js";
import { callMetadata } from "../../../src/core/rpc/call-metadata.ts";
import { clientOptions } from "../../../src/core/rpc/channel-options.ts";
import { pacedStream, unaryCall } from "../../../src/core/rpc/client-calls.ts";
import { HealthClient } from "../../../src/core/rpc/gen/grpc/health/v1/health.ts";
import {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from "../../../src/core/rpc/gen/grpc/reflection/v1/reflection.ts";
import { addHealth, type Health } from "../../../src/core/rpc/health.ts";
import { formatAddress } from "../../../src/core/rpc/link/addresses.ts";
import { addReflection } from "../../../src/core/rpc/reflection.ts";
import { until } from "../../helpers/until.ts";
import { runningMaster } from "./master-fixture.ts";
import { thrownBy } from "./thrown-by.ts";

const serviceNames = ["tasklog.v1.Master", "grpc.health.v1.Health"];
const target = { peer: "the master", metadata: callMetadata("") };

async function healthyMaster() {
  let health: Health | undefined;
  const master = await runningMaster({}, (server) => {
    health = addHealth(server, serviceNames);
    addReflection(server, serviceNames);
  });
  if (health === undefined) throw new Error("no health");
  return Object.assign(master, { health, where: formatAddress(master.listener.address) });
}

test("health is told for the server, for a service, and not for a stranger", async () => {
  await using master = await healthyMaster();
  const client = new HealthClient(master.where, credentials.createInsecure(), clientOptions);
  const check = (service: string) => unaryCall(client.check.bind(client), { service }, target);
  expect((await check("")).status).toBe("SERVING");
  expect((await check("tasklog.v1.Master")).status).toBe("SERVING");
  expect(await thrownBy(check("nobody"))).toMatchObject({ code: "not_found" });
  master.health.setServing(false);
  expect((await check("")).status).toBe("NOT_SERVING");
  const list = await unaryCall(client.list.bind(client), {}, target);
  expect(Object.keys(list.statuses)).toEqual(["", ...serviceNames]);
  client.close();
});

test("a watcher of health hears of each change, and of the end", async () => {
  await using master = await healthyMaster();
  const client = new HealthClient(master.where, credentials.createInsecure(), clientOptions);
  const watch = (service: string) =>
    pacedStream(() => client.watch({ service }, target.metadata), target, undefined);
  const stranger = watch("nobody");
  expect((await stranger.next()).value?.status).toBe("SERVICE_UNKNOWN");
  await stranger.return();
  const stream = watch("");
  expect((await stream.next()).value?.status).toBe("SERVING");
  master.health.setServing(false);
  expect((await stream.next()).value?.status).toBe("NOT_SERVING");
  const end = stream.next();
  end.catch(() => {});
  await master.listener.close();
  await master.server.close();
  expect(await thrownBy(end)).toMatchObject({ code: "unavailable" });
  client.close();
});

type Ask = NonNullable<ServerReflectionRequest["messageRequest"]>;

/** Asks all of `asks` in one stream, in the way of `version`. */
async function reflect(where: string, version: "v1" | "v1alpha", ...asks: Ask[]) {
  const client = new ServerReflectionClient(where, credentials.createInsecure(), clientOptions);
  const { serverReflectionInfo: method } = ServerReflectionClient.service;
  const call = client.makeBidiStreamRequest(
    method.path.replace(".v1.", `.${version}.`),
    method.requestSerialize,
    method.responseDeserialize,
  );
  for (const messageRequest of asks) call.write({ host: "h", messageRequest });
  call.end();
  const replies: NonNullable<ServerReflectionResponse["messageResponse"]>[] = [];
  for await (const { messageResponse } of call) replies.push(messageResponse);
  client.close();
  return replies;
}

function namesOf(reply: ServerReflectionResponse["messageResponse"]): string[] {
  if (reply?.$case !== "fileDescriptorResponse") throw new Error(`not files: ${reply?.$case}`);
  return reply.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
}

test.each(["v1", "v1alpha"] as const)(
  "reflection (%s) lists the services and describes all they are made of",
  async (version) => {
    await using master = await healthyMaster();
    const [list, service, method, message, file] = await reflect(
      master.where,
      version,
      { $case: "listServices", value: "*" },
      { $case: "fileContainingSymbol", value: "tasklog.v1.Master" },
      { $case: "fileContainingSymbol", value: "tasklog.v1.Master.StreamTaskLogs" },
      { $case: "fileContainingSymbol", value: "tasklog.v1.LogItem" },
      { $case: "fileByFilename", value: "tasklog/v1/task.proto" },
    );
    expect(list).toMatchObject({ value: { service: serviceNames.map((name) => ({ name })) } });
    const all = ["tasklog/v1/master.proto", "tasklog/v1/log.proto", "tasklog/v1/task.proto"];
    expect(namesOf(service)).toEqual(all);
    expect(namesOf(method)).toEqual(all);
    expect(namesOf(message)).toEqual(["tasklog/v1/log.proto"]);
    expect(namesOf(file)).toEqual(["tasklog/v1/task.proto", "tasklog/v1/log.proto"]);
  },
);

test("reflection reads no more questions than its client takes answers", async () => {
  let asked = 0;
  const names = Array.from({ length: 1000 }, (_, n) => `tasklog.a.service.with.a.long.name.v${n}`);
  const map = (to: (name: string) => unknown) => {
    asked++;
    return Array.from(names, to);
  };
  const services = Object.assign([...names], { map }) as string[];
  await using master = await runningMaster({}, (server) => addReflection(server, services));
  // Between them, so that what the server sends can be held up: the client's window is not opened then.
  const held: Array<() => void> = [];
  let isHeld = false;
  const between = createServer((near) => {
    const far = connect(master.listener.address.port, "127.0.0.1");
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => {
      if (isHeld) held.push(() => near.write(bytes));
      else near.write(bytes);
    });
    for (const socket of [near, far]) socket.on("error", () => {});
    near.on("close", () => far.destroy());
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const where = `127.0.0.1:${(between.address() as AddressInfo).port}`;
  const client = new ServerReflectionClient(where, credentials.createInsecure(), {
    ...clientOptions,
    "grpc-node.flow_control_window": 65_535,
  });
  const call = client.serverReflectionInfo();
  call.on("error", () => {});
  let answers = 0;
  call.on("data", () => answers++);
  const ask = () => call.write({ host: "h", messageRequest: { $case: "listServices", value: "" } });
  ask();
  await until("one is answered", () => answers === 1);
  isHeld = true;
  for (let n = 0; n < 500; n++) ask();
  let [quiet, last] = [0, 0];
  await until("it reads no more", () => {
    quiet = asked > 1 && asked === last ? quiet + 1 : 0;
    last = asked;
    return quiet >= 20;
  });
  expect(asked).toBeLessThan(100);
  isHeld = false;
  for (const go of held) go();
  await until("all are answered when they are taken", () => answers === 501);
  call.cancel();
  client.close();
  between.close();
});

test("reflection answers what it does not know, and goes on", async () => {
  await using master = await healthyMaster();
  const replies = await reflect(
    master.where,
    "v1",
    { $case: "fileContainingSymbol", value: "toString" },
    { $case: "fileContainingSymbol", value: "" },
    { $case: "fileByFilename", value: "../../etc/passwd" },
    { $case: "allExtensionNumbersOfType", value: "tasklog.v1.LogItem" },
    { $case: "listServices", value: "" },
  );
  expect(
    replies.map((reply) => (reply.$case === "errorResponse" ? reply.value.errorCode : reply.$case)),
  ).toEqual([5, 5, 5, 12, "listServicesResponse"]);
});
