// The docker runtime on a real engine: the contract, and what only containers have.
import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { ask } from "../../../../../scripts/engine.mjs";
import { silentLogger } from "../../../../../src/core/base/logger.ts";
import { createDockerRuntime } from "../../../../../src/core/worker/runtimes/docker/docker-runtime.ts";
import { startSecondEngine, testImage, useEngine } from "../../../../helpers/engine.ts";
import { engineCall } from "../../../../helpers/engine-api.ts";
import { dockerSpec } from "../../../../helpers/engine-spec.ts";
import { tempDir } from "../../../../helpers/temp-dir.ts";
import { until } from "../../../../helpers/until.ts";
import { failureOf, newTaskId, readAll, takenLines, testRuntime } from "../runtime-contract.ts";

const host = await useEngine();
const workerId = `worker-${randomBytes(6).toString("hex")}`;
const runtime = createDockerRuntime({ host, workerId, logger: silentLogger });

async function containersOfOurs(): Promise<{ Id: string; Labels: Record<string, string> }[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`dev.tasklog.worker=${workerId}`] }));
  return JSON.parse((await ask(host, "GET", `/containers/json?all=1&filters=${filters}`)).text);
}

testRuntime("docker", {
  create: () => runtime,
  spec: dockerSpec,
  leftOver: async () => (await containersOfOurs()).length,
});

describe("docker", () => {
  test("a container carries the labels of its task and of the user", async () => {
    const taskId = newTaskId();
    const run = await runtime.start(taskId, dockerSpec({ command: ["true"], labels: { team: "a" } }));
    await readAll(run);
    expect((await containersOfOurs())[0]?.Labels).toMatchObject({
      team: "a",
      "dev.tasklog.task": taskId,
      "dev.tasklog.worker": workerId,
    });
    await runtime.remove(run.handle);
  });

  test("a worker that comes while the engine starts a container for the one before it runs the command once", async () => {
    await using dir = await tempDir();
    for (let round = 0; round < 5; round++) {
      const next = createDockerRuntime({ host, workerId, logger: silentLogger });
      const taskId = newTaskId();
      const command = ["sh", "-c", "echo ran >> /w/ran; echo one; exit 3"];
      const spec = dockerSpec({ command, volumes: [`${dir.path}:/w`] });
      const before = runtime.start(taskId, spec);
      const found = await until("it is found", async () => {
        return (await next.find()).find((run) => run.taskId === taskId);
      });
      const run = found.wasStarted
        ? await next.reopen(found.handle, takenLines(0, 0))
        : await next.start(taskId, spec);
      expect((await before).handle).toBe(run.handle);
      expect(await readAll(run)).toMatchObject({ stdout: "one\n" });
      expect((await run.wait()).exitCode).toBe(3);
      await runtime.remove(run.handle);
    }
    expect(await Bun.file(`${dir.path}/ran`).text()).toBe("ran\n".repeat(5));
  });

  test("a TTY gives one stream, unframed, with carriage returns", async () => {
    const run = await runtime.start(
      newTaskId(),
      dockerSpec({ command: ["sh", "-c", "tty -s && echo yes; echo err >&2"], tty: true }),
    );
    expect(await readAll(run)).toMatchObject({ stdout: "yes\r\nerr\r\n", stderr: "" });
    await runtime.remove(run.handle);
  });

  test("entrypoint, user, limits and volumes reach the container", async () => {
    const run = await runtime.start(
      newTaskId(),
      dockerSpec({
        entrypoint: ["sh", "-c"],
        command: [
          "id -u; ls -d /anonymous /bound/passwd; cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max",
        ],
        user: "65534",
        memoryBytes: 64 * 1024 * 1024,
        cpus: 0.5,
        volumes: ["/anonymous", "/etc:/bound:ro"],
      }),
    );
    expect((await readAll(run)).stdout).toBe("65534\n/anonymous\n/bound/passwd\n67108864\n");
    await runtime.remove(run.handle);
  });

  test("out of memory is told apart from a kill", async () => {
    const run = await runtime.start(
      newTaskId(),
      dockerSpec({ command: ["sh", "-c", "exec tail /dev/zero"], memoryBytes: 16 * 1024 * 1024 }),
    );
    await readAll(run);
    expect(await run.wait()).toMatchObject({ exitCode: 137, oomKilled: true });
    await runtime.remove(run.handle);
  }, 30_000);

  test.each([
    [{ network: "no-such-net" }, "invalid", 'there is no network "no-such-net"'],
    [{ cpus: 1000 }, "invalid", "Range of CPUs"],
    [{ cpus: -1 }, "invalid", "--cpus -1"],
    [{ memoryBytes: 1000 }, "invalid", "Minimum memory limit"],
    [{ gpus: "all" }, "invalid", "no GPUs"],
    [{ gpus: "many" }, "invalid", "--gpus many"],
    [{ user: "nobody-here" }, "invalid", "unable to find user nobody-here"],
    [{ volumes: ["./x:/y"] }, "invalid", "absolute path"],
    [{ command: [] }, "invalid", "says no command"],
    [{ image: "tasklog-test/not-here:latest" }, "image", "tasklog-test/not-here:latest"],
  ] as const)("%o is refused with one sentence and leaves nothing", async (fields, code, words) => {
    const spec = dockerSpec({ command: ["true"], ...(fields as object) });
    const error = await failureOf(runtime.start(newTaskId(), spec));
    expect(error.code).toBe(code);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("\n");
    expect(await containersOfOurs()).toEqual([]);
  });

  test("an engine that is not there is told with its address", async () => {
    const absent = createDockerRuntime({ host: "unix:///no/such.sock", workerId, logger: silentLogger });
    for (const call of [absent.version(), absent.find(), absent.start(newTaskId(), dockerSpec())]) {
      const error = await failureOf(call);
      expect(error.code).toBe("unavailable");
      expect(error.message).toContain("unix:///no/such.sock (from --docker-host)");
    }
  });

  test("an engine that takes connections and says nothing is told as one that does not answer", async () => {
    using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const host = `tcp://127.0.0.1:${silent.port}`;
    const error = await failureOf(createDockerRuntime({ host, workerId, logger: silentLogger }).version());
    expect([error.code, error.message]).toEqual(["unavailable", expect.stringContaining(host)]);
  });

  test("a run is reopened behind the lines that were taken, and goes on live", async () => {
    const script =
      "for i in 1 2 3; do echo same; echo err$i >&2; done; printf '%020000d\\n' 7; sleep 0.5; printf end";
    const run = await runtime.start(newTaskId(), dockerSpec({ command: ["sh", "-c", script] }));
    const output = run.output[Symbol.asyncIterator]();
    await output.next();
    run.detach();
    const again = await runtime.reopen(run.handle, takenLines(2, 1));
    const { stdout, stderr } = await readAll(again);
    expect(stdout).toBe(`same\n${"7".padStart(20000, "0")}\nend\n`);
    expect(stderr).toBe("err2\nerr3\n");
    expect((await again.wait()).exitCode).toBe(0);
    // One that has no notes of the reading before.
    const third = await createDockerRuntime({ host, workerId, logger: silentLogger }).reopen(
      run.handle,
      takenLines(5, 0),
    );
    expect((await readAll(third)).stderr).toBe("err1\nerr2\nerr3\n");
    await runtime.remove(run.handle);
  });

  test("an engine that is killed ends reading with unavailable, and the run is reopened after its return", async () => {
    await using engine = await startSecondEngine();
    const there = createDockerRuntime({ host: engine.host, workerId, logger: silentLogger });
    const run = await there.start(
      newTaskId(),
      dockerSpec({ command: ["sh", "-c", "trap 'exit 0' TERM; echo one; while :; do sleep 0.05; done"] }),
    );
    const output = run.output[Symbol.asyncIterator]();
    await output.next();
    const more = failureOf(output.next());
    // Of a container that prints in the moment of it, nobody could know whether a line is missing.
    const printedMs = Date.now();
    await until("it has been silent for a while", () => Date.now() > printedMs + 5500);
    await engine.kill();
    expect((await more).code).toBe("unavailable");
    expect((await failureOf(run.wait())).code).toBe("unavailable");
    await engine.start();
    const again = await there.reopen(run.handle, takenLines(0, 0));
    expect((await readAll(again)).stdout).toBe("one\n");
    await again.wait();
  }, 60_000);

  test("the image of the tests is there without a pull", async () => {
    await runtime.prepare(
      dockerSpec({ image: testImage, pull: "missing" }),
      () => {},
      new AbortController().signal,
    );
  });
});

test("a container of an image that carries a task's labels is nobody's but its owner's", async () => {
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warned.push(message) };
  const there = createDockerRuntime({ host, workerId, logger });
  const taskId = newTaskId();
  const own = await runtime.start(taskId, dockerSpec({ command: ["true"] }));
  await readAll(own);
  const { Labels } = (await containersOfOurs())[0] ?? { Labels: {} };
  const name = `tasklog-test-${randomBytes(6).toString("hex")}`;
  const body = { Image: testImage, Cmd: ["sleep", "600"], Labels };
  const { Id } = await engineCall(host, "POST", `/containers/create?name=${name}`, body);
  try {
    await ask(host, "POST", `/containers/${Id}/start`);
    const found = await there.find();
    await there.find();
    expect(found.map(({ handle }) => handle)).toEqual([own.handle]);
    expect(warned).toEqual([
      expect.stringContaining(`${name} (${Id.slice(0, 12)}) bears the labels of ${taskId}`),
    ]);
  } finally {
    await ask(host, "DELETE", `/containers/${Id}?force=1&v=1`);
    await runtime.remove(own.handle);
  }
});
