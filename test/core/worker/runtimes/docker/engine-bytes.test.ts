// What the engine is sent, byte by byte: URLs stand in the logs of proxies and engines, so nothing of a task is in them but its
// name.
import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger } from "../../../../../src/core/base/logger.ts";
import { createEngine } from "../../../../../src/core/engine/client/engine.ts";
import { monitorContainers } from "../../../../../src/core/worker/local/monitor-container.ts";
import { createDockerRuntime } from "../../../../../src/core/worker/runtimes/docker/docker-runtime.ts";
import { useEngine } from "../../../../helpers/engine.ts";
import { dockerSpec } from "../../../../helpers/engine-spec.ts";
import { startEngineTap } from "../../../../helpers/engine-tap.ts";
import { startRegistry } from "../../../../helpers/registry.ts";
import { tempDir } from "../../../../helpers/temp-dir.ts";
import { newTaskId, readAll, takenLines } from "../runtime-contract.ts";

const host = await useEngine();
const workerId = `worker-${randomBytes(6).toString("hex")}`;
/** Stands in every value that nobody but the engine may see. */
const secret = "s3cr3t";
const requestLine = /(?:GET|POST|PUT|DELETE|HEAD) (\/\S*) HTTP\/1\.1\r\n/g;

test("the URL of no call has anything of a task but its name, and no head is long", async () => {
  await using tap = await startEngineTap(host);
  const runtime = createDockerRuntime({ host: tap.host, workerId, logger: silentLogger });
  const taskId = newTaskId();
  const spec = dockerSpec({
    command: ["sh", "-c", `echo ${secret}; exit 3`, "x".repeat(100_000), "y".repeat(100_000)],
    env: [`TOKEN=${secret}`],
    webhooks: [`https://ci.example/${secret}`],
    labels: { team: secret },
    volumes: [`/tmp/${secret}`],
    user: "0",
    workdir: `/${secret}`,
  });
  await runtime.prepare(spec, () => {}, new AbortController().signal);
  const run = await runtime.start(taskId, spec);
  expect((await readAll(run)).stdout).toBe(`${secret}\n`);
  await run.wait();
  await readAll(await runtime.reopen(run.handle, takenLines(0, 0)));
  const signal = new AbortController().signal;
  for (const shown of await monitorContainers({
    host: tap.host,
    names: [taskId],
    tail: "all",
    follow: false,
    previous: false,
    signal,
  })) {
    for await (const _ of shown.output);
  }
  await run.stop(0);
  await runtime.find();
  await runtime.remove(run.handle);

  const all = tap.sent.join("\n");
  const urls = [...all.matchAll(requestLine)].map(([, url = ""]) => decodeURIComponent(url));
  expect(urls.length).toBeGreaterThan(8);
  expect(urls.find((url) => url.includes("/containers/create"))).toBe(`/containers/create?name=${taskId}`);
  expect(urls.filter((url) => url.includes(secret) || url.length > 500)).toEqual([]);
  // The values stand in the body of one call; those of variables and webhooks at no second place.
  const create = all.slice(all.indexOf("POST /containers/create"));
  expect(all.split(`TOKEN=${secret}`)).toHaveLength(2);
  expect(create).toContain(`TOKEN=${secret}`);
  expect(all).not.toContain(`ci.example`);
  expect(all.split(`"team":"${secret}"`)).toHaveLength(2);
  expect(all.split("x".repeat(100_000))).toHaveLength(2);
});

test("the login of a registry stands in the header that is meant for it, and nowhere else", async () => {
  await using tap = await startEngineTap(host);
  await using registry = await startRegistry();
  await using dir = await tempDir();
  const folder = join(dir.path, ".docker");
  await mkdir(folder);
  const auth = Buffer.from(`me:${secret}`).toString("base64");
  const auths = { [registry.image.split("/")[0] ?? ""]: { auth } };
  await writeFile(join(folder, "config.json"), JSON.stringify({ auths }));
  const before = process.env["DOCKER_CONFIG"];
  process.env["DOCKER_CONFIG"] = folder;
  try {
    const runtime = createDockerRuntime({ host: tap.host, workerId, logger: silentLogger });
    const spec = dockerSpec({ image: registry.image, pull: "always" });
    await runtime.prepare(spec, () => {}, new AbortController().signal);
  } finally {
    if (before === undefined) delete process.env["DOCKER_CONFIG"];
    else process.env["DOCKER_CONFIG"] = before;
    await createEngine(host)
      .docker.getImage(registry.image)
      .remove({ force: true })
      .catch(() => {});
  }
  const all = tap.sent.join("\n");
  const headers = [...all.matchAll(/^x-registry-auth: (\S+)/gim)].map(([, value = ""]) => value);
  expect(headers).toHaveLength(1);
  expect(Buffer.from(headers[0] ?? "", "base64url").toString()).toContain(secret);
  const urls = [...all.matchAll(requestLine)].map(([, url = ""]) => url);
  expect(urls.filter((url) => url.includes(auth) || url.includes(secret))).toEqual([]);
});
