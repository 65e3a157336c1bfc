// What every runtime promises, on the real thing. A new runtime starts by passing this.
import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import type { OutputChunk, Taken } from "../../../../src/core/engine/output.ts";
import type { StreamName } from "../../../../src/core/log/line-batch.ts";
import type { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import type { Run, TaskRuntime } from "../../../../src/core/worker/runtimes/runtime.ts";
import { until } from "../../../helpers/until.ts";

export interface RuntimeSetup {
  /** Called once. */
  create(): TaskRuntime | Promise<TaskRuntime>;
  spec(fields: Partial<TaskSpec>): TaskSpec;
  /** How many of this runtime's processes or containers are left. */
  leftOver(): number | Promise<number>;
}

/** All that a run printed, by stream, and the streams of its pieces in order. */
export async function readAll(run: Run): Promise<Record<StreamName, string> & { order: StreamName[] }> {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const order: StreamName[] = [];
  for await (const { stream, bytes } of chunksOf(run)) {
    parts[stream].push(bytes);
    if (order.at(-1) !== stream) order.push(stream);
  }
  return {
    stdout: Buffer.concat(parts.stdout).toString("latin1"),
    stderr: Buffer.concat(parts.stderr).toString("latin1"),
    order,
  };
}

/** The run's output; a gap in it fails the test. */
export async function* chunksOf(run: Run): AsyncGenerator<OutputChunk, void, void> {
  for await (const item of run.output) {
    if ("missing" in item) throw new Error(`output is missing: ${item.missing.reason}`);
    yield* [item].flat();
  }
}

async function nextText(output: AsyncGenerator<OutputChunk, void, void>): Promise<string> {
  const { value } = await output.next();
  return Buffer.from(value?.bytes ?? []).toString();
}

/** A place in a run, told by counts alone. */
export function takenLines(stdout: number, stderr: number): Taken {
  return {
    stdout,
    stderr,
    lastSeq: () => stdout + stderr,
    lastStamp: undefined,
    isExact: true,
    lastLines: async () => [],
  };
}

export const newTaskId = (): string => `task-${randomBytes(6).toString("hex")}`;

export async function failureOf(promise: Promise<unknown>): Promise<TasklogError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(TasklogError);
  return thrown as TasklogError;
}

export function testRuntime(name: string, setup: RuntimeSetup): void {
  describe(`runtime ${name}`, () => {
    let runtime: TaskRuntime;
    beforeAll(async () => {
      runtime = await setup.create();
    });
    afterEach(async () => {
      for (const { handle } of await runtime.find()) await runtime.remove(handle);
      await until("nothing is left behind", async () => (await setup.leftOver()) === 0);
    });

    const shell = (script: string, fields: Partial<TaskSpec> = {}): Promise<Run> =>
      runtime.start(newTaskId(), setup.spec({ command: ["sh", "-c", script], ...fields }));

    test("it tells what it is", async () => {
      expect(await runtime.version()).toMatch(new RegExp(`^${runtime.name} [0-9]`));
    });

    test("a run delivers its first byte, both streams, and a last line without newline", async () => {
      const run = await shell("echo out; sleep 0.1; echo err >&2; sleep 0.1; printf last");
      expect(await readAll(run)).toEqual({
        stdout: "out\nlast",
        stderr: "err\n",
        order: ["stdout", "stderr", "stdout"],
      });
      const { startedMs, finishedMs, ...rest } = await run.wait();
      expect(rest).toEqual({ exitCode: 0, signal: "", oomKilled: false });
      expect(finishedMs - startedMs).toBeGreaterThan(150);
      expect(Math.abs(Date.now() - finishedMs)).toBeLessThan(5000);
    });

    test("output arrives while the run goes on, also without a newline", async () => {
      const run = await shell("printf prompt; exec sleep 60");
      const output = chunksOf(run);
      expect(await nextText(output)).toBe("prompt");
      await run.stop(0);
      expect((await output.next()).done).toBe(true);
    });

    test("a run that lives a few milliseconds loses nothing", async () => {
      for (let round = 0; round < 5; round++) {
        const run = await shell("echo a; echo b >&2");
        expect(await readAll(run)).toMatchObject({ stdout: "a\n", stderr: "b\n" });
      }
    });

    test("a run that prints nothing ends", async () => {
      const run = await runtime.start(newTaskId(), setup.spec({ command: ["true"] }));
      expect(await readAll(run)).toEqual({ stdout: "", stderr: "", order: [] });
      expect((await run.wait()).exitCode).toBe(0);
    });

    test("what is read late is not lost", async () => {
      const run = await shell("echo early");
      await run.wait();
      expect((await readAll(run)).stdout).toBe("early\n");
    });

    test.each([0, 1, 42, 127])("exit code %d comes through", async (code) => {
      const run = await shell(`exit ${code}`);
      await readAll(run);
      expect(await run.wait()).toMatchObject({ exitCode: code, signal: "", oomKilled: false });
    });

    test("an end by signal is told by its name and as 128+n", async () => {
      const run = await shell("trap '' TERM; echo ready; exec sleep 60");
      const output = chunksOf(run);
      await output.next();
      await run.stop(0);
      expect((await output.next()).done).toBe(true);
      expect(await run.wait()).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
    });

    test("stop is a SIGTERM that the run may answer", async () => {
      const run = await shell(
        "exec 2>/dev/null; trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.05; done",
      );
      const output = chunksOf(run);
      await output.next();
      await run.stop(30_000);
      expect(await nextText(output)).toBe("bye\n");
      expect(await run.wait()).toMatchObject({ exitCode: 7, signal: "" });
      await output.return();
    });

    test("what ignores SIGTERM is killed after the grace", async () => {
      const run = await shell("trap '' TERM; echo ready; while :; do sleep 0.05; done");
      const output = chunksOf(run);
      await output.next();
      const from = performance.now();
      await run.stop(300);
      expect(performance.now() - from).toBeGreaterThan(290);
      expect(await run.wait()).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
      await output.return();
    });

    test("stop of a run that has ended does nothing", async () => {
      const run = await shell("exit 3");
      await readAll(run);
      await run.wait();
      await run.stop(1000);
      expect((await run.wait()).exitCode).toBe(3);
    });

    test("environment and working folder are what the spec says", async () => {
      const run = await shell('echo "$COLOUR|$EMPTY|$PWD"', {
        env: ["COLOUR=a b=c", "EMPTY="],
        workdir: "/tmp",
      });
      expect((await readAll(run)).stdout).toBe("a b=c||/tmp\n");
    });

    test("bytes that are no text arrive as they are", async () => {
      const run = await shell(String.raw`printf '\377\000\303(\r\n\033[3'`);
      expect((await readAll(run)).stdout).toBe("\xff\x00\xc3(\r\n\x1b[3");
    });

    test("a million lines arrive, each once and in order", async () => {
      const run = await shell("seq 1 1000000");
      let lines = 0;
      let rest = "";
      for await (const { bytes } of chunksOf(run)) {
        const texts = (rest + Buffer.from(bytes).toString()).split("\n");
        rest = texts.pop() as string;
        for (const text of texts)
          if (text !== String(++lines)) throw new Error(`${text} instead of ${lines}`);
      }
      expect(lines).toBe(1_000_000);
    }, 60_000);

    test("a hundred megabytes arrive", async () => {
      const run = await shell("head -c 104857600 /dev/zero");
      let bytes = 0;
      for await (const chunk of chunksOf(run)) bytes += chunk.bytes.length;
      expect(bytes).toBe(104_857_600);
    }, 60_000);

    test("a reader that leaves ends the reading and harms nothing", async () => {
      const run = await shell("yes");
      for await (const _ of run.output) break;
      await run.stop(0);
      expect((await run.wait()).exitCode).toBeGreaterThan(128);
    });

    test("a command that does not exist is told with its name", async () => {
      for (const command of ["no-such-command", "/no/such/command"]) {
        const error = await failureOf(runtime.start(newTaskId(), setup.spec({ command: [command] })));
        expect(error.code).toBe("command_not_found");
        expect(error.message).toStartWith(`there is no command "${command}"`);
      }
    });

    test("a file that is no program is told with its name", async () => {
      const error = await failureOf(runtime.start(newTaskId(), setup.spec({ command: ["/etc/passwd"] })));
      expect(error.code).toBe("not_executable");
      expect(error.message).toContain("/etc/passwd");
    });

    test("an abort during the preparation throws and starts nothing", async () => {
      const error = await failureOf(
        runtime.prepare(setup.spec({ command: ["true"] }), () => {}, AbortSignal.abort()),
      );
      expect(error.code).toBe("aborted");
    });

    test("a run is found by its task until it is removed, and removing twice is fine", async () => {
      const taskId = newTaskId();
      const spec = setup.spec({ command: ["sleep", "60"], labels: { team: "a" } });
      const run = await runtime.start(taskId, spec, "ada");
      const found = await runtime.find();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({ taskId, handle: run.handle, running: true });
      // A runtime that keeps what it was started with gives back just that.
      expect(found[0]?.spec ?? spec).toEqual(spec);
      expect(found[0]?.userId ?? "ada").toBe("ada");
      await run.stop(0);
      await until("it has ended", async () => (await runtime.find())[0]?.running === false);
      await runtime.remove(run.handle);
      await runtime.remove(run.handle);
      expect(await runtime.find()).toEqual([]);
      const error = await failureOf(runtime.reopen(run.handle, takenLines(0, 0)));
      expect(error.code).toBe("not_found");
    });

    test("detach ends the reading at once and quietly", async () => {
      const run = await shell("echo ready; exec sleep 60");
      const output = chunksOf(run);
      await output.next();
      const next = output.next();
      run.detach();
      expect((await next).done).toBe(true);
    });
  });
}
