// Adopted containers while things go wrong: the worker is killed, wiped or away, the master forgets, the line to the
// engine is cut. Each line of each run is there once and in order, or it is said which are not.
import { expect, test } from "bun:test";
import { mkdir, rm } from "node:fs/promises";
import { AdoptableContainer } from "../helpers/adoptable-container.ts";
import {
  adopting,
  again,
  linesOf,
  newName,
  numbers,
  untilEnded,
  untilRunning,
} from "../helpers/adopted-runs.ts";
import type { Child } from "../helpers/child.ts";
import { endEngine, ensureTestImage, startSecondEngine, useEngine } from "../helpers/engine.ts";
import { startApart, Tasklog } from "../helpers/tasklog.ts";
import { startTcpProxy } from "../helpers/tcp-proxy.ts";
import { until } from "../helpers/until.ts";

/** Prints numbers, and goes on with them where the run before it ended. */
const counting = (each: number, then: string) =>
  `n=$(cat /n 2>/dev/null || echo 0); seq $((n+1)) $((n+${each})); echo $((n+${each})) > /n; ${then}`;

test("restarts by the engine: each start is a run with exactly its lines", async () => {
  const name = newName();
  await using t = await adopting(name);
  await using _web = await AdoptableContainer.start(counting(2000, "exit 4"), {
    name,
    host: { RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 } },
  });
  const runs = await untilEnded(t, name, 4);
  for (const [index, { id, exitCode }] of runs.entries()) {
    expect(exitCode).toBe(4);
    expect(await linesOf(t, id)).toEqual(numbers(index * 2000 + 1, (index + 1) * 2000));
    expect((await t.run("monitor", "--verify", id)).code).toBe(0);
  }
});

test("a worker that is killed in the middle of it goes on at the next line", async () => {
  const name = newName();
  await using t = await adopting(name);
  const script =
    "i=0; while [ $i -lt 300 ]; do i=$((i+1)); seq $((i*100-99)) $((i*100)); sleep 0.01; done; exit 6";
  await using _web = await AdoptableContainer.start(script, { name });
  const { id } = await untilRunning(t, name);
  const monitor = t.start(["monitor", "--tail", "all", id]);
  let worker = t.workerProcess;
  for (const seen of ["\n3000\n", "\n9000\n", "\n18000\n"]) {
    await monitor.says(seen);
    await worker.stop("SIGKILL");
    worker = again(t, name);
  }
  const { code, stdout, stderr } = await monitor.ended;
  expect({ code, stderr: stderr.includes("missing") }).toEqual({ code: 6, stderr: false });
  expect(stdout.split("\n").slice(0, -1)).toEqual(numbers(1, 30_000));
  expect(await t.tasks()).toHaveLength(1);
});

test("what happened while the worker was away: an end, a restart, a removal, a start", async () => {
  const [ended, restarted, removed, started] = [newName(), newName(), newName(), newName()];
  const all = `^(${[ended, restarted, removed, started].join("|")})$`;
  await using t = await startApart([], ["--adopt", `name~${all}`]);
  const wait = "while [ ! -e /go ]; do sleep 0.02; done";
  await using one = await AdoptableContainer.start(
    'trap "seq 11 20; exit 9" TERM; seq 10; while :; do sleep 0.05; done',
    { name: ended },
  );
  await using two = await AdoptableContainer.start(counting(100, "sleep 600"), { name: restarted });
  await using three = await AdoptableContainer.start(`seq 10; ${wait}`, { name: removed });
  for (const name of [ended, restarted, removed]) {
    const { id } = await untilRunning(t, name);
    await until("its first lines are there", async () => (await linesOf(t, id)).includes("10"));
  }
  await t.workerProcess.stop("SIGKILL");
  await one.stop(10);
  await two.restart();
  await two.hasPrinted("200\n");
  await two.restart();
  await three.remove();
  await using four = await AdoptableContainer.start("seq 5; exit 2", { name: started });
  await until("they have ended", async () => !(await one.isRunning()) && !(await four.isRunning()));
  t.worker("alpha", "--adopt", `name~${all}`);

  const [first] = await untilEnded(t, ended, 1);
  expect(first).toMatchObject({ status: "failed", exitCode: 9 });
  expect(await linesOf(t, first?.id as string)).toEqual(numbers(1, 20));

  const runs = await until("all three runs are there", async () => {
    const found = (await t.tasks()).filter(({ name }) => name === restarted);
    return found.length === 3 ? found.reverse() : undefined;
  });
  expect(runs.map(({ status, exitCode }) => exitCode ?? status)).toEqual([137, 137, "running"]);
  for (const [index, { id }] of runs.entries()) {
    const lines = numbers(index * 100 + 1, (index + 1) * 100);
    await until("its lines are there", async () => (await linesOf(t, id)).length === 100);
    expect(await linesOf(t, id)).toEqual(lines);
  }

  const [gone] = await untilEnded(t, removed, 1);
  expect(gone).toMatchObject({ exitCode: 137 });
  expect((await linesOf(t, gone?.id as string)).slice(0, 10)).toEqual(numbers(1, 10));

  const [missed] = await untilEnded(t, started, 1);
  expect(missed).toMatchObject({ exitCode: 2 });
  expect(await linesOf(t, missed?.id as string)).toEqual(numbers(1, 5));
});

test("a worker that was wiped, and a master that was: the same task again", async () => {
  const name = newName();
  await using t = await adopting(name);
  await using web = await AdoptableContainer.start(counting(50, "sleep 600"), { name });
  const { id } = await untilRunning(t, name);
  await until("its lines are there", async () => (await linesOf(t, id)).length === 50);
  await web.restart();
  await until("the second run is there", async () => (await t.tasks()).length === 2);
  const { id: second } = await untilRunning(t, name);
  await until("its lines are there", async () => (await linesOf(t, second)).length === 50);

  await t.masterProcess.stop("SIGKILL");
  await rm(t.path("master"), { recursive: true });
  await t.master();
  await until("the master knows them again", async () => (await t.tasks()).length === 2);
  expect((await t.tasks()).map((task) => task.id)).toEqual([second, id]);
  expect(await linesOf(t, id)).toEqual(numbers(1, 50));
  expect((await t.run("monitor", "--previous", name)).code).toBe(137);

  await t.workerProcess.stop("SIGKILL");
  await rm(t.path("alpha"), { recursive: true });
  again(t, name);
  await until("the run before is lost", async () =>
    (await t.tasks()).some((task) => task.id === id && task.status === "failed"),
  );
  await until("its lines are there again", async () => (await linesOf(t, second)).length === 50);
  expect(await linesOf(t, second)).toEqual(numbers(51, 100));
  expect((await t.tasks()).map((task) => task.id)).toEqual([second, id]);
});

test("the line to the engine is cut: what happened meanwhile is told, and no line is in the wrong run", async () => {
  const name = newName();
  const engine = await useEngine();
  await using proxy = await startTcpProxy(engine.replace("unix://", ""));
  await using t = await startApart(
    [],
    ["--adopt", `name~^${name}$`, "--docker-host", `tcp://${proxy.address}`],
  );
  await using web = await AdoptableContainer.start(counting(100, "sleep 600"), { name });
  await untilRunning(t, name);
  for (let round = 0; round < 3; round++) {
    await web.hasPrinted(`${round + 1}00\n`);
    proxy.cut();
    await web.restart();
    proxy.cut();
  }
  const runs = await until("all runs are there", async () => {
    const found = (await t.tasks()).filter((task) => task.name === name);
    return found.length === 4 ? found.reverse() : undefined;
  });
  for (const [index, { id }] of runs.entries()) {
    await until("its lines are there", async () => (await linesOf(t, id)).length >= 100);
    expect(await linesOf(t, id)).toEqual(numbers(index * 100 + 1, (index + 1) * 100));
  }
});

test("a container is followed no more, and then again: its log goes on", async () => {
  const name = newName();
  await using t = await adopting(name);
  const script = "i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo $i; sleep 0.1; done";
  await using _web = await AdoptableContainer.start(script, { name });
  const { id } = await untilRunning(t, name);
  await until("its first lines are there", async () => (await linesOf(t, id)).length > 3);
  await t.workerProcess.stop("SIGINT");
  const without = t.worker("alpha");
  const lost = await t.untilStatus(id, "lost");
  expect(lost.message).toContain("does not adopt its container any more (--adopt)");
  await without.stop("SIGINT");
  again(t, name);
  const done = await t.untilStatus(id, "success");
  expect(done).toMatchObject({ exitCode: 0 });
  expect(await linesOf(t, id)).toEqual(numbers(1, 40));
});

test("json-file rotates every few moments and the worker is killed in the middle: all lines, once, in order", async () => {
  const name = newName();
  const quiet = ["--iptables=false", "--ip-forward=false"];
  const log = ["--log-driver=json-file", "--log-opt=max-size=1m", "--log-opt=max-file=3"];
  await using engine = await startSecondEngine([...quiet, ...log]);
  await ensureTestImage(engine.host);
  await using t = await Tasklog.create(engine.host);
  await t.master();
  let worker = t.worker("alpha", "--adopt", `name~^${name}$`);
  await t.untilWorkers(1, worker);
  // A step is about 0.7 MB in the engine's log and is printed at once, when the test lets it be: three files have room for
  // what is printed while the worker is dead, however slow the machine is.
  const steps = 40;
  await mkdir(t.path("steps"));
  const allow = (step: number) => Bun.write(t.path(`steps/${step}`), "");
  const script = `pad=$(head -c 80 /dev/zero | tr '\\0' x); i=0
    while [ $i -lt ${steps} ]; do
      i=$((i+1)); while [ ! -e /w/$i ]; do usleep 5000; done
      seq $((i*4000-3999)) $((i*4000)) | sed "s/$/ $pad/"
    done`;
  await using _web = await AdoptableContainer.start(script, {
    name,
    engine: engine.host,
    host: { Binds: [`${t.path("steps")}:/w`] },
  });
  const { id } = await untilRunning(t, name);
  const monitor = t.start(["monitor", "--tail", "all", id]);
  for (let step = 1; step <= steps; step++) {
    await allow(step);
    if (step % 10 === 0) {
      await worker.stop("SIGKILL");
      worker = again(t, name);
    }
    await monitor.says(`\n${step * 4000} `);
  }
  const { code, stdout } = await monitor.ended;
  expect(code).toBe(0);
  const found = stdout.split("\n").slice(0, -1);
  expect(found.map((line) => line.split(" ")[0])).toEqual(numbers(1, steps * 4000));
});

test("the engine is restarted, and away when the worker comes: the runs before and after are told apart", async () => {
  const name = newName();
  await using engine = await startSecondEngine(["--iptables=false", "--ip-forward=false"]);
  await using t = await Tasklog.create(engine.host);
  await t.master();
  const worker = t.worker("alpha", "--adopt", `name~^${name}$`);
  await t.untilWorkers(1, worker);
  await using web = await AdoptableContainer.start(counting(100, "sleep 600"), {
    name,
    engine: engine.host,
    host: { RestartPolicy: { Name: "always" } },
  });
  const { id } = await untilRunning(t, name);
  await until("its lines are there", async () => (await linesOf(t, id)).length === 100);
  await endEngine(engine);
  await engine.start();
  const [first] = await until("the second run is there", async () => {
    const runs = (await t.tasks()).filter((task) => task.name === name);
    return runs.length === 2 ? runs.reverse() : undefined;
  });
  expect(first).toMatchObject({ id, status: "failed", exitCode: 137 });
  const second = await untilRunning(t, name);
  await until("its lines are there", async () => (await linesOf(t, second.id)).length === 100);
  expect([await linesOf(t, id), await linesOf(t, second.id)]).toEqual([numbers(1, 100), numbers(101, 200)]);

  await worker.stop("SIGKILL");
  await endEngine(engine);
  again(t, name);
  await t.untilWorkers(1);
  await engine.start();
  await web.hasPrinted("300\n");
  const third = await until("the third run is there", async () =>
    (await t.tasks()).find((task) => task.status === "running" && task.id !== second.id),
  );
  await until("its lines are there", async () => (await linesOf(t, third.id)).length === 100);
  expect([await linesOf(t, second.id), await linesOf(t, third.id)]).toEqual([
    numbers(101, 200),
    numbers(201, 300),
  ]);
});

/** A worker that cannot see the engine's log files: an empty folder is mounted over them, for it alone. */
async function blindWorker(t: Tasklog, name: string): Promise<Child> {
  const { DockerRootDir } = await t.engine("/info");
  const flags = `--master ${t.grpc} --name alpha --data-dir ${t.path("alpha")} --adopt 'name~^${name}$'`;
  return t.shellLine(
    `exec unshare -m sh -c "mount -t tmpfs none ${DockerRootDir}/containers && exec $TASKLOG worker ${flags}"`,
    { TASKLOG: t.executable },
  );
}

// Mounting is root's.
(process.getuid?.() === 0 ? test : test.skip).each([true, false])(
  "the log from the engine's API (tty %p): the worker is killed, the container restarted",
  async (tty) => {
    const name = newName();
    await using t = await Tasklog.create();
    await t.master();
    let worker = await blindWorker(t, name);
    await t.untilWorkers(1, worker);
    await using web = await AdoptableContainer.start(counting(100, "sleep 1; seq 5; sleep 600"), {
      name,
      tty,
    });
    const { id } = await untilRunning(t, name);
    await until("its first lines are there", async () => (await linesOf(t, id)).length >= 100);
    await worker.stop("SIGKILL");
    worker = await blindWorker(t, name);
    await until("the rest is there, too", async () => (await linesOf(t, id)).length === 105);
    await web.restart();
    const [first] = await until("the second run is there", async () => {
      const runs = (await t.tasks()).filter((task) => task.name === name);
      return runs.length === 2 ? runs.reverse() : undefined;
    });
    expect(first).toMatchObject({ id, exitCode: 137, lines: 105, adopted: { source: "logs-api" } });
    expect(first?.adopted?.limits.join()).toContain("its log file is not on this host");
    expect(await linesOf(t, id)).toEqual([...numbers(1, 100), ...numbers(1, 5)]);
    const second = await untilRunning(t, name);
    await until("its lines are there", async () => (await linesOf(t, second.id)).length === 105);
    expect(await linesOf(t, second.id)).toEqual([...numbers(101, 200), ...numbers(1, 5)]);
    await worker.stop();
  },
);

test("an engine that is restarted under its containers (live-restore): the run goes on", async () => {
  const name = newName();
  await using engine = await startSecondEngine(["--iptables=false", "--ip-forward=false", "--live-restore"]);
  await using t = await Tasklog.create(engine.host);
  await t.master();
  const worker = t.worker("alpha", "--adopt", `name~^${name}$`);
  await t.untilWorkers(1, worker);
  const script = "i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo $i; sleep 0.1; done; exit 5";
  await using _web = await AdoptableContainer.start(script, { name, engine: engine.host });
  const { id } = await untilRunning(t, name);
  const monitor = t.start(["monitor", "--tail", "all", id]);
  await monitor.says("20\n");
  await endEngine(engine);
  await engine.start();
  const { code, stdout } = await monitor.ended;
  expect(code).toBe(5);
  expect(stdout.split("\n").slice(0, -1)).toEqual(numbers(1, 150));
  expect(await t.tasks()).toHaveLength(1);
});
