// A container that tasklog did not start, seen through the engine's logs API: a real one, made with the API alone.
import { afterEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { Container, ContainerCreateOptions } from "dockerode";
import { createEngine } from "../../../../src/core/engine/client/engine.ts";
import {
  type MonitorContainersOptions,
  monitorContainers,
} from "../../../../src/core/worker/local/monitor-container.ts";
import { testImage, useEngine } from "../../../helpers/engine.ts";
import { until } from "../../../helpers/until.ts";
import { failureOf } from "../runtimes/runtime-contract.ts";

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

async function open(options: Partial<MonitorContainersOptions>) {
  const usual = { host, names: [], tail: "all", follow: true, previous: false, signal } as const;
  return await monitorContainers({ ...usual, ...options });
}

async function read({ name, ...options }: Partial<MonitorContainersOptions> & { name: string }) {
  const [monitored] = await open({ names: [name], ...options });
  if (monitored === undefined) throw new Error("nothing was found");
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
    const { stdout, stderr, records, monitored, result } = await read({ name });
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
      const seen = await read({ name, tail: 2, follow: false });
      return seen.stdout === "99\n100\n" ? seen : undefined;
    });
    expect(result).toBeUndefined();
  });

  test("a TTY is one stream", async () => {
    const { name } = await startContainer("echo out; sleep 0.3; echo err >&2", { Tty: true });
    const { stdout, stderr } = await read({ name });
    expect({ stdout, stderr }).toEqual({ stdout: "out\r\nerr\r\n", stderr: "" });
  });

  test("long lines come in parts that join to the line, and equal lines are all there", async () => {
    const { name } = await startContainer(
      "for i in 1 2 3; do echo same; done; head -c 50000 /dev/zero | tr '\\0' x; echo",
    );
    const { stdout } = await read({ name });
    expect(stdout).toBe(`same\nsame\nsame\n${"x".repeat(50_000)}\n`);
  });

  test("a hundred thousand lines arrive once each", async () => {
    const { name } = await startContainer("seq 1 100000");
    const { stdout } = await read({ name });
    expect(stdout.split("\n").length).toBe(100_001);
  }, 30_000);

  test("it is followed over restarts to its end, nothing twice", async () => {
    const { name } = await startContainer("echo run; sleep 0.3; exit 3", {
      HostConfig: { NetworkMode: "none", RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } },
    });
    const { stdout, result } = await read({ name });
    expect(stdout).toBe("run\nrun\nrun\n");
    expect(result?.exitCode).toBe(3);
  }, 30_000);

  test("abort ends the reading quietly and leaves the container alone", async () => {
    const { name, container } = await startContainer("echo ready; exec sleep 60");
    const leaving = new AbortController();
    const [monitored] = await open({ names: [name], signal: leaving.signal });
    for await (const _ of monitored?.output ?? []) leaving.abort();
    expect((await container.inspect()).State.Running).toBe(true);
  });

  test("a container that is not there is told by its name", async () => {
    const error = await failureOf(read({ name: "no-such-container" }));
    expect(error.code).toBe("not_found");
    expect(error.message).toContain('there is no container "no-such-container"');
  });

  test("a container is found by its id's beginning, and by what Compose calls it", async () => {
    const project = `shop-${randomBytes(4).toString("hex")}`;
    const labels = (service: string) => ({
      Labels: { "com.docker.compose.project": project, "com.docker.compose.service": service },
    });
    const web = [
      await startContainer("echo 1", labels("web")),
      await startContainer("echo 2", labels("web")),
    ];
    const db = await startContainer("echo db", labels(`db-${project}`));
    const found = async (...names: string[]) => (await open({ names })).map(({ name }) => name);
    const names = web.map(({ name }) => name).sort();
    expect(await found(`${project}/web`)).toEqual(names);
    expect(await found(`db-${project}`, `${project}/web`)).toEqual([db.name, ...names]);
    expect(await found(db.container.id.slice(0, 20), db.name)).toEqual([db.name]);
    expect((await failureOf(found(`${project}/none`))).code).toBe("not_found");
  });

  test("a service is its containers only, without those of compose run", async () => {
    const project = `shop-${randomBytes(4).toString("hex")}`;
    const one = (oneOff: string) =>
      startContainer("sleep 600", {
        Labels: {
          "com.docker.compose.project": project,
          "com.docker.compose.service": project,
          "com.docker.compose.oneoff": oneOff,
        },
      });
    const [web, run] = [await one("False"), await one("True")];
    const found = async (name: string) => (await open({ names: [name] })).map(({ name }) => name);
    expect(await found(project)).toEqual([web.name]);
    expect(await found(`${project}/${project}`)).toEqual([web.name]);
    expect(await found(run.name)).toEqual([run.name]);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "a log file in a form of another engine is read through the engine's API, which is told",
    async () => {
      const { name, container } = await startContainer("echo line");
      await container.wait();
      const { LogPath } = await container.inspect();
      await writeFile(LogPath, "2026-11-29T10:00:00.000000001+00:00 stdout F line of podman\n");
      const [monitored] = await open({ names: [name] });
      expect(monitored?.notices).toEqual([
        expect.stringContaining(`a form that tasklog does not know (${LogPath})`),
      ]);
    },
  );

  test("the run before is exactly its lines, whole or from its end", async () => {
    const script = "n=$(cat /n 2>/dev/null || echo 0); n=$((n + 1)); echo $n > /n; seq $n$n$n 999; exit $n";
    const { name, container } = await startContainer(script);
    const run = (n: number) => Array.from({ length: 1000 - n * 111 }, (_, index) => `${n * 111 + index}\n`);
    const previous = { name, previous: true } as const;
    await container.wait();
    const none = await failureOf(read(previous));
    expect({ code: none.code, message: none.message }).toEqual({
      code: "not_found",
      message: `the container "${name}" had no run before this one: leave out --previous`,
    });
    for (const present of [2, 3, 4]) {
      await container.start();
      await container.wait();
      const seen = await read(previous);
      expect(seen.stdout).toBe(run(present - 1).join(""));
      expect(seen.monitored.notices).toEqual([]);
      expect(seen.result).toBeUndefined();
      expect((await read({ ...previous, tail: 3 })).stdout).toBe(
        run(present - 1)
          .slice(-3)
          .join(""),
      );
    }
  }, 30_000);

  test("a container that is removed when it ends still tells its exit code", async () => {
    const { name } = await startContainer("echo bye; sleep 0.5; exit 7", {
      HostConfig: { NetworkMode: "none", AutoRemove: true },
    });
    made.pop();
    const { stdout, result } = await read({ name });
    expect(stdout).toBe("bye\n");
    expect(result).toMatchObject({ exitCode: 7 });
  });

  test("a container whose output is kept nowhere is told so", async () => {
    const { name } = await startContainer("exec sleep 60", {
      HostConfig: { NetworkMode: "none", LogConfig: { Type: "none", Config: {} } },
    });
    const error = await failureOf(read({ name }));
    expect(error.code).toBe("invalid");
    expect(error.message).toContain("it was started with --log-driver none");
  });

  test("what its source cannot promise is said", async () => {
    const { name } = await startContainer("echo here", {
      HostConfig: { NetworkMode: "none", LogConfig: { Type: "json-file", Config: { mode: "non-blocking" } } },
    });
    const { stdout, monitored } = await read({ name });
    expect(stdout).toBe("here\n");
    expect(monitored.notices).toEqual([
      "the container's log has mode=non-blocking: the engine drops lines without a word in a burst",
    ]);
  });
});
