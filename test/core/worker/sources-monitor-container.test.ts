// A container that tasklog did not start, seen through the engine's logs API: a real one, made with the API alone.
import { afterEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { Container, ContainerCreateOptions } from "dockerode";
import { createEngine } from "../../../src/core/worker/runtimes/docker/engine.ts";
import {
  type MonitorContainerOptions,
  monitorContainer,
} from "../../../src/core/worker/sources/monitor-container.ts";
import { testImage, useEngine } from "../../helpers/engine.ts";
import { until } from "../../helpers/until.ts";
import { failureOf } from "./runtime-contract.ts";

const host = await useEngine();
const { docker } = createEngine(host);
const signal = new AbortController().signal;
const made: Container[] = [];

afterEach(async () => {
  for (const container of made.splice(0)) await container.remove({ force: true });
});

async function startContainer(script: string, options: Partial<ContainerCreateOptions> = {}) {
  const name = `tasklog-test-${randomBytes(6).toString("hex")}`;
  const { HostConfig, ...others } = options;
  const container = await docker.createContainer({
    name,
    Image: testImage,
    Cmd: ["sh", "-c", script],
    HostConfig: { NetworkMode: "none", ...HostConfig },
    ...others,
  });
  made.push(container);
  await container.start();
  return { name, container };
}

async function read(options: Partial<MonitorContainerOptions> & { nameOrId: string }) {
  const monitored = await monitorContainer({ host, tail: "all", follow: true, signal, ...options });
  const text = { stdout: "", stderr: "" };
  const records = [];
  for await (const item of monitored.output) {
    if ("missing" in item) throw new Error(item.missing.reason);
    for (const record of item.records) {
      text[record.stream] += Buffer.from(record.bytes).toString("latin1");
      records.push(record);
    }
  }
  return { ...text, records, monitored, result: await monitored.result() };
}

describe("monitor a container", () => {
  test("its past and its present arrive, both streams, stamped, and its exit code at the end", async () => {
    const { name } = await startContainer(
      "echo past; echo err >&2; sleep 0.5; echo present; printf last; exit 5",
    );
    const { stdout, stderr, records, monitored, result } = await read({ nameOrId: name });
    expect({ stdout, stderr }).toEqual({ stdout: "past\npresent\nlast", stderr: "err\n" });
    expect(monitored).toMatchObject({ name, image: testImage, tty: false });
    for (const { seconds = 0, nanos = -1 } of records) {
      expect(Math.abs(Date.now() / 1000 - seconds)).toBeLessThan(60);
      expect(nanos).toBeGreaterThanOrEqual(0);
    }
    expect(result?.exitCode).toBe(5);
  });

  test("the tail is as long as asked for, and without follow a running container is left", async () => {
    const { name } = await startContainer("seq 1 100; exec sleep 60");
    const { result } = await until("all lines are in the log", async () => {
      const seen = await read({ nameOrId: name, tail: 2, follow: false });
      return seen.stdout === "99\n100\n" ? seen : undefined;
    });
    expect(result).toBeUndefined();
  });

  test("a TTY is one stream", async () => {
    const { name } = await startContainer("echo out; sleep 0.3; echo err >&2", { Tty: true });
    const { stdout, stderr } = await read({ nameOrId: name });
    expect({ stdout, stderr }).toEqual({ stdout: "out\r\nerr\r\n", stderr: "" });
  });

  test("long lines come in parts that join to the line, and equal lines are all there", async () => {
    const { name } = await startContainer(
      "for i in 1 2 3; do echo same; done; head -c 50000 /dev/zero | tr '\\0' x; echo",
    );
    const { stdout } = await read({ nameOrId: name });
    expect(stdout).toBe(`same\nsame\nsame\n${"x".repeat(50_000)}\n`);
  });

  test("a hundred thousand lines arrive once each", async () => {
    const { name } = await startContainer("seq 1 100000");
    const { stdout } = await read({ nameOrId: name });
    expect(stdout.split("\n").length).toBe(100_001);
  }, 30_000);

  test("it is followed over restarts to its end, nothing twice", async () => {
    const { name } = await startContainer("echo run; sleep 0.3; exit 3", {
      HostConfig: { NetworkMode: "none", RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } },
    });
    const { stdout, result } = await read({ nameOrId: name });
    expect(stdout).toBe("run\nrun\nrun\n");
    expect(result?.exitCode).toBe(3);
  }, 30_000);

  test("abort ends the reading quietly and leaves the container alone", async () => {
    const { name, container } = await startContainer("echo ready; exec sleep 60");
    const leaving = new AbortController();
    const monitored = await monitorContainer({
      host,
      nameOrId: name,
      tail: "all",
      follow: true,
      signal: leaving.signal,
    });
    for await (const _ of monitored.output) leaving.abort();
    expect((await container.inspect()).State.Running).toBe(true);
  });

  test("a container that is not there is told by its name", async () => {
    const error = await failureOf(read({ nameOrId: "no-such-container" }));
    expect(error.code).toBe("not_found");
    expect(error.message).toContain('there is no container "no-such-container"');
  });
});
