// Runs that are read, left and taken over again and again, on a real engine: each line once and in order, or a gap in
// its place. Random moments.
import { afterEach, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { Container } from "dockerode";
import { silentLogger } from "../../../../../src/core/base/logger.ts";
import { createEngine } from "../../../../../src/core/engine/client/engine.ts";
import { createDockerRuntime } from "../../../../../src/core/worker/runtimes/docker/docker-runtime.ts";
import type { TaskRuntime } from "../../../../../src/core/worker/runtimes/runtime.ts";
import { startSecondEngine, testImage, useEngine } from "../../../../helpers/engine.ts";
import { Random, testSeed } from "../../../../helpers/random.ts";
import { until } from "../../../../helpers/until.ts";
import { requireRuns, TakenLog } from "../../../engine/takeover/taken-log.ts";

const host = await useEngine();
const workerId = `worker-${randomBytes(6).toString("hex")}`;
const runtime = createDockerRuntime({ host, workerId, logger: silentLogger });
const { docker } = createEngine(host);
const random = new Random(testSeed);
console.log(`random moments of TASKLOG_TEST_SEED=${testSeed}`);

const drivers = {
  "json-file": { Type: "json-file", Config: {} },
  "json-file that rotates": { Type: "json-file", Config: { "max-size": "1m", "max-file": "3" } },
  local: { Type: "local", Config: { "max-size": "1m", "max-file": "3" } },
  none: { Type: "none", Config: {} },
};

const made: Container[] = [];
afterEach(async () => {
  for (const container of made.splice(0)) await container.remove({ force: true });
});

async function create(
  script: string,
  driver: keyof typeof drivers,
  tty = false,
  on = docker,
): Promise<Container> {
  const container = await on.createContainer({
    Image: testImage,
    Cmd: ["sh", "-c", script],
    Tty: tty,
    HostConfig: { NetworkMode: "none", LogConfig: drivers[driver] },
  });
  if (on === docker) made.push(container);
  return container;
}

/** Reads a container that is started now in pieces, each a takeover, until it ends. */
async function readInPieces(container: Container, log: TakenLog, restMs = 200): Promise<number> {
  await container.start();
  for (let takeovers = 0; ; takeovers++) {
    const run = await runtime.reopen(container.id, log.taken);
    if (await readPiece(log, run, 30 + random.next() * 400)) return takeovers;
    await Bun.sleep(random.next() * restMs);
  }
}

/** Returns whether the run came to its end within `ms` of its first output. */
async function readPiece(log: TakenLog, run: Awaited<ReturnType<TaskRuntime["reopen"]>>, ms: number) {
  const leaving = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  await log.read(run, leaving.signal, () => {
    timer ??= setTimeout(() => leaving.abort(), ms);
  });
  clearTimeout(timer);
  return !leaving.signal.aborted;
}

const count = 20_000;
const numbered = Array.from({ length: count }, (_, index) => (index % 3 === 0 ? "same" : `line ${index}`));
const errors = numbered.flatMap((_, index) =>
  index % 7 === 0 ? [index % 2 === 0 ? "error" : `error ${index}`] : [],
);
const mixedScript = `awk 'BEGIN { for (i = 0; i < ${count}; i++) {
  print (i % 3 == 0 ? "same" : "line " i)
  if (i % 7 == 0) print (i % 2 == 0 ? "error" : "error " i) > "/dev/stderr"
  if (i % 100 == 0) { fflush(); system("usleep 10000") } } }'`;

describe("takeover", () => {
  test.each(["json-file", "json-file that rotates", "local"] as const)(
    "both streams, with equal lines among them, are complete over many takeovers (%s)",
    async (driver) => {
      const log = new TakenLog();
      expect(await readInPieces(await create(mixedScript, driver), log)).toBeGreaterThan(1);
      expect(log.gaps).toEqual([]);
      expect(requireRuns(log.lines.stdout, numbered)).toBe(0);
      expect(requireRuns(log.lines.stderr, errors)).toBe(0);
    },
    60_000,
  );

  test.each(["json-file", "json-file that rotates", "local"] as const)(
    "nothing but equal lines are counted right (%s)",
    async (driver) => {
      const log = new TakenLog();
      const script = "i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo tick; usleep 15000; done";
      await readInPieces(await create(script, driver), log);
      expect(requireRuns(log.lines.stdout, Array<string>(150).fill("tick"))).toBe(0);
    },
    60_000,
  );

  test.each(["json-file that rotates", "local"] as const)(
    "a burst that rotates the log away meanwhile leaves gaps, and nothing else is missing (%s)",
    async (driver) => {
      const log = new TakenLog();
      await readInPieces(await create("seq 1 400000", driver), log, 100);
      const expected = Array.from({ length: 400_000 }, (_, index) => String(index + 1));
      requireRuns(log.lines.stdout, expected);
    },
    120_000,
  );

  test.each(["json-file", "json-file that rotates", "local"] as const)(
    "lines of a terminal, long lines and bytes that are no text are recognised (%s)",
    async (driver) => {
      for (const tty of [true, false]) {
        const log = new TakenLog(tty);
        const script = `i=0; while [ $i -lt 60 ]; do i=$((i+1)); printf 'a\\377\\377\\303(%d\\n' $i; \
          head -c 40000 /dev/zero | tr '\\0' x; echo $i; echo; usleep 10000; done; printf end`;
        await readInPieces(await create(script, driver, tty), log);
        const shape = log.lines.stdout.map((line) => (line as string).replace(/\ufffd+/g, "?"));
        const wanted = Array.from({ length: 60 }, (_, at) => [
          `a?(${at + 1}`,
          `${"x".repeat(40_000)}${at + 1}`,
          "",
        ]);
        expect(requireRuns(shape, [...wanted.flat(), "end"])).toBe(0);
        expect(log.gaps).toEqual([]);
      }
    },
    60_000,
  );

  test("text without newline at the moment of the takeover is one line with what follows", async () => {
    const container = await create("printf begin; sleep 1; echo ' and end'; printf last; sleep 1", "local");
    const log = new TakenLog();
    await container.start();
    await readPiece(log, await runtime.reopen(container.id, log.taken), 0);
    const run = await runtime.reopen(container.id, log.taken);
    await log.read(run);
    expect(log.lines).toEqual({ stdout: ["begin and end", "last"], stderr: [] });
    await run.wait();
  }, 30_000);

  test("a last line without newline that began before the attach is there, whatever the other stream does", async () => {
    // Equal lines so close that the two sources of stderr cannot be joined before the end.
    const ticks = "i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo tick >&2; usleep 20000; done";
    const container = await create(`printf last; ${ticks}`, "json-file");
    const log = new TakenLog();
    await container.start();
    await log.read(await runtime.reopen(container.id, log.taken));
    expect(log.lines).toEqual({ stdout: ["last"], stderr: Array<string>(40).fill("tick") });
  }, 30_000);

  test("the first lines of a stream that was silent at the attach are what they are", async () => {
    const script =
      "printf a; sleep 3; printf '\\nb\\nab\\n'; i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo b; done";
    const container = await create(script, "json-file");
    const log = new TakenLog();
    await container.start();
    await log.read(await runtime.reopen(container.id, log.taken));
    expect(log.lines.stdout).toEqual(["a", "b", "ab", ...Array<string>(20).fill("b")]);
  }, 30_000);

  test("a container that ended meanwhile, and one that was started again by hand, are read to their end", async () => {
    const container = await create("seq 1 1000; printf last", "json-file that rotates");
    const log = new TakenLog();
    await container.start();
    await container.wait();
    await log.read(await runtime.reopen(container.id, log.taken));
    const once = [...Array.from({ length: 1000 }, (_, index) => String(index + 1)), "last"];
    expect(log.lines.stdout).toEqual(once);
    await log.read(await runtime.reopen(container.id, log.taken));
    expect(log.lines.stdout).toEqual(once);
  }, 30_000);

  test("where the engine keeps no log there is a gap, and live lines after it", async () => {
    const container = await create("i=0; while :; do i=$((i+1)); echo $i; usleep 10000; done", "none");
    const log = new TakenLog();
    await container.start();
    await readPiece(log, await runtime.reopen(container.id, log.taken), 200);
    expect(log.gaps).toEqual(["the engine keeps no log of this container that can be read"]);
    expect(log.lines.stdout.length).toBeGreaterThan(2);
  }, 30_000);

  test.each([
    ["with live-restore", ["--live-restore"]],
    ["without", []],
  ])(
    "an engine that is killed under load costs nothing that is not told (%s)",
    async (_, args) => {
      await using engine = await startSecondEngine(["--iptables=false", "--ip-forward=false", ...args]);
      const there = createDockerRuntime({ host: engine.host, workerId, logger: silentLogger });
      const second = createEngine(engine.host).docker;
      const container = await create("seq 1 1000000; sleep 60", "json-file", false, second);
      const log = new TakenLog();
      await container.start();
      const first = await there.reopen(container.id, log.taken);
      const reading = log.read(first).catch((error) => error.code);
      await until("lines are there", () => log.lines.stdout.length > 10_000);
      await engine.kill();
      expect(await reading).toBe("unavailable");
      await engine.start();
      const again = await there.reopen(container.id, log.taken);
      const readingAgain = log.read(again);
      const isRunning = (await second.getContainer(container.id).inspect()).State.Running;
      expect(isRunning).toBe(args.length > 0);
      if (isRunning) {
        await until("the last line is there", () => log.lines.stdout.slice(-2).includes("1000000"), {
          timeoutMs: 60_000,
        });
        await container.kill();
      }
      await readingAgain;
      const all = Array.from({ length: 1_000_000 }, (_, index) => String(index + 1));
      const last = Number(log.lines.stdout.findLast((line) => typeof line === "string"));
      requireRuns(log.lines.stdout, all.slice(0, last));
    },
    120_000,
  );
});
