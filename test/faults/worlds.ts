// The surroundings in which faults happen, each with the faults that belong there: two processes on the engine that is
// there; the same with a clock that can be set back; an engine of one's own that is restarted, or that rotates its logs
// every few seconds; a disk that fills up; a data folder that is wiped.
import { mkdir, rm } from "node:fs/promises";
import { startSecondEngine } from "../helpers/engine.ts";
import type { Random } from "../helpers/random.ts";
import { until } from "../helpers/until.ts";
import { installClock, setClock } from "./clock.ts";
import { type Fault, faultsAll, faultsAround, faultsOfRestarts, faultsOfWorker, silence } from "./faults.ts";
import type { RoundOptions } from "./round.ts";
import { mountSmallDisk } from "./small-disk.ts";
import { Stage } from "./stage.ts";

export interface World extends AsyncDisposable {
  name: string;
  round: (seed: number, count: number) => RoundOptions;
}

const plain = { [Symbol.asyncDispose]: async () => {} };
const quiet = ["--iptables=false", "--ip-forward=false"];

/** `engine`: DOCKER_HOST; by default the one of the tests. */
export async function processes(engine?: string): Promise<World> {
  const name = "processes and connections";
  const stage = () => Stage.start({ ...(engine !== undefined && { engine }) });
  return {
    ...plain,
    name,
    round: (seed, count) => ({
      name,
      seed,
      count,
      faults: count < 16 ? faultsAll : [...faultsAll, silence],
      stage,
    }),
  };
}

/** Nothing but one line, over and over: only counting tells where one is. */
export async function sameLines(engine?: string): Promise<World> {
  const name = "identical lines only";
  const stage = () => Stage.start({ ...(engine !== undefined && { engine }) });
  const faults = faultsOfWorker.filter(({ name }) => name.startsWith("kill"));
  return {
    ...plain,
    name,
    round: (seed, count) => ({
      ...{ name, seed, count, stage, printer: { same: true } },
      faults: [...faults, ...faults, ...faultsAround],
    }),
  };
}

/** The clocks of the engine and of tasklog's processes are apart. */
export async function clocks(dir: string, engine?: string): Promise<World> {
  installClock();
  const name = "clock set back";
  const clock = { file: `${dir}/clock` };
  const turnBack: Fault = {
    name: "clock of tasklog's processes set back",
    holds: ["clock"],
    async act(_, random) {
      const seconds = random.pick([-5, -90, -3600, -86_400, 60, 3600]);
      await setClock(clock, seconds);
      return `${seconds} s from the true time`;
    },
  };
  const stage = async () => {
    await mkdir(dir, { recursive: true });
    await setClock(clock, 0);
    return await Stage.start({ ...(engine !== undefined && { engine }), clock });
  };
  const faults = [
    ...[turnBack, turnBack, turnBack, turnBack],
    ...[...faultsAround, ...faultsOfWorker, ...faultsOfRestarts],
  ];
  return {
    name,
    round: (seed, count) => ({ name, seed, count, faults, stage }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

type EngineSignal = "SIGTERM" | "SIGKILL";

/** Meanwhile a short-lived task is asked for this often, in ms. */
const briefEveryMs = 300;
/** An engine that is away for long. */
const longAwayMs = 60_000;

/**
 * With live-restore containers outlive their engine; without it they end with it, or, after a SIGKILL, when the next one
 * comes. `isLong`: the engine is also away for a minute.
 */
export async function engineRestarts(
  liveRestore: boolean,
  signal: EngineSignal,
  { isLong = false } = {},
): Promise<World> {
  const what = signal === "SIGTERM" ? "restarted" : "killed";
  const name = `engine ${what}${liveRestore ? ", live-restore" : ""}`;
  const engine = await startSecondEngine([...quiet, ...(liveRestore ? ["--live-restore"] : [])]);
  const away = async (stage: Stage, ms: number): Promise<void> => {
    stage.engineEnds++;
    await engine.end(signal);
    await Bun.sleep(ms);
    await engine.start();
  };
  const faultOf = (how: string, act: (stage: Stage, random: Random) => Promise<string>): Fault => ({
    name: `${name}${how}`,
    holds: ["engine", "worker", "master", "clients", "link"],
    async act(stage, random) {
      if (!liveRestore) for (const task of stage.tasks) task.end = "with the engine";
      const ending = new AbortController();
      const starting = startBriefs(stage, ending.signal);
      await Bun.sleep(briefEveryMs * 2);
      const detail = await act(stage, random);
      ending.abort();
      await starting;
      return detail;
    },
  });
  const once = faultOf("", async (stage, random) => {
    const ms = random.between(0, 1500);
    await away(stage, ms);
    return `away for ${ms} ms`;
  });
  const twice = faultOf(" twice in a row", async (stage, random) => {
    await away(stage, random.between(0, 500));
    const ms = random.between(0, 1000);
    await Bun.sleep(ms);
    await away(stage, random.between(0, 500));
    return `${ms} ms apart`;
  });
  const long = faultOf(" and away for a minute", async (stage) => {
    await away(stage, longAwayMs);
    return "";
  });
  const withWorker = faultOf(", the worker killed meanwhile", async (stage, random) => {
    const ms = random.between(0, 1500);
    const going = away(stage, ms);
    await Bun.sleep(random.between(0, 1500));
    await stage.kill("worker");
    await Bun.sleep(random.between(0, 1000));
    stage.startServer("worker");
    await going;
    return `away for ${ms} ms`;
  });
  const own = [once, once, twice, withWorker, ...(isLong ? [long] : [])];
  const faults = liveRestore ? [...own, ...faultsAround, ...faultsOfWorker] : own;
  const stage = () => Stage.start({ engine: engine.host, engineEndsTasks: !liveRestore });
  return {
    name,
    round: (seed, count) => ({
      name,
      seed,
      count: liveRestore ? count : 1,
      faults,
      stage,
      gaps: "perhaps",
    }),
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** Several a second, whatever becomes of them. */
async function startBriefs(stage: Stage, signal: AbortSignal): Promise<void> {
  const started: Promise<void>[] = [];
  while (!signal.aborted) {
    // No more than can be under way at once where an engine is away for long.
    if (started.length < 40) started.push(stage.startBrief());
    await Bun.sleep(briefEveryMs);
  }
  await Promise.all(started);
}

/**
 * The daemon would keep three files of 1 MB of each container's log, which ours do not take over; `takeover`: the worker is
 * killed meanwhile, too.
 */
export async function rotations(driver: "json-file" | "local", takeover: boolean): Promise<World> {
  const name = `rotation 1m × 3, ${driver}${takeover ? ", worker killed" : ""}`;
  const log = [`--log-driver=${driver}`, "--log-opt=max-size=1m", "--log-opt=max-file=3"];
  const engine = await startSecondEngine([...quiet, ...log]);
  const dying = [...faultsOfWorker, ...faultsOfRestarts];
  const many = takeover ? [...dying, ...dying, ...faultsAround] : faultsAround;
  const stage = () => Stage.start({ engine: engine.host });
  const much = { burst: 100, pauseUs: 5000, bigEvery: 40, big: 5000 };
  return {
    name,
    round: (seed, count) => ({
      name,
      seed,
      count,
      // A few of many would seldom be one that kills the worker.
      faults: takeover && count < 16 ? dying : many,
      stage,
      printer: much,
    }),
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** The same files, of adopted containers: what the worker has of them is all from there. */
export async function adoption(): Promise<World> {
  const name = "adopted containers, rotation 1m × 3, worker killed";
  const log = ["--log-driver=json-file", "--log-opt=max-size=1m", "--log-opt=max-file=3"];
  const engine = await startSecondEngine([...quiet, ...log]);
  const dying = faultsOfWorker.filter(({ name }) => name.startsWith("kill"));
  const faults = [...dying, ...dying, ...dying, ...faultsAround];
  const stage = () => Stage.start({ engine: engine.host, adopts: true });
  const printer = { burst: 100, pauseUs: 20_000, bigEvery: 40, big: 2000 };
  return {
    name,
    round: (seed, count) => ({ name, seed, count, faults, stage, printer, gaps: "unseen" }),
    [Symbol.asyncDispose]: () => engine.stop(),
  };
}

/** The worker's data folder is on a tmpfs that is filled to its last byte and freed again. Root on Linux only. */
export async function fullDisk(dir: string, engine?: string): Promise<World> {
  const name = "disk full";
  const disk = await mountSmallDisk(dir, 256);
  const fill: Fault = {
    name: "disk filled to its last byte",
    holds: ["disk"],
    async act(_, random) {
      await disk.fill();
      const ms = random.between(500, 6000);
      await Bun.sleep(ms);
      await disk.free();
      return `for ${ms} ms`;
    },
  };
  const stage = async () => {
    await disk.clear();
    return await Stage.start({ ...(engine !== undefined && { engine }), workerDir: `${dir}/data` });
  };
  const faults = [fill, fill, fill, fill, ...faultsAround];
  // More than the worker holds while the disk takes nothing.
  const plenty = { burst: 200, pauseUs: 5000, bigEvery: 40, big: 5000 };
  return {
    name,
    round: (seed, count) => ({ name, seed, count, faults, stage, tasks: 1, printer: plenty, gaps: "any" }),
    [Symbol.asyncDispose]: () => disk.unmount(),
  };
}

/** Viewers are to be told that the log begins anew, and see all of it once more. */
export async function wipes(engine?: string): Promise<World> {
  const name = "worker's data folder wiped";
  const wipe: Fault = {
    name,
    holds: ["worker"],
    async act(stage, random) {
      // One who comes only afterwards knows one log, and may begin anywhere in it.
      const viewers = stage.tasks.flatMap((task) => task.viewers);
      await until("all see lines", async () =>
        (await Promise.all(viewers.map((viewer) => viewer.items()))).every((items) => items.length > 0),
      );
      await stage.kill("worker");
      await stage.wipeWorker();
      for (const task of stage.tasks) task.wiped = true;
      await Bun.sleep(random.between(0, 1000));
      stage.startServer("worker");
      return "";
    },
  };
  const stage = () => Stage.start({ ...(engine !== undefined && { engine }) });
  return { ...plain, name, round: (seed) => ({ name, seed, count: 1, faults: [wipe], stage }) };
}

/** All of them, with how much of a long run each is to have. */
export function allWorlds({ engine, dir }: { engine: string; dir: string }): {
  name: string;
  share: number;
  open: () => Promise<World>;
}[] {
  return [
    { name: "processes", share: 10, open: () => processes(engine) },
    { name: "clock", share: 3, open: () => clocks(`${dir}-clock`, engine) },
    { name: "identical lines", share: 2, open: () => sameLines(engine) },
    { name: "engine live-restore", share: 4, open: () => engineRestarts(true, "SIGTERM", { isLong: true }) },
    {
      name: "engine killed live-restore",
      share: 4,
      open: () => engineRestarts(true, "SIGKILL", { isLong: true }),
    },
    { name: "engine", share: 0.5, open: () => engineRestarts(false, "SIGTERM", { isLong: true }) },
    { name: "engine killed", share: 0.5, open: () => engineRestarts(false, "SIGKILL", { isLong: true }) },
    { name: "rotation json-file", share: 2, open: () => rotations("json-file", false) },
    { name: "rotation local", share: 2, open: () => rotations("local", false) },
    { name: "takeover json-file", share: 3, open: () => rotations("json-file", true) },
    { name: "takeover local", share: 3, open: () => rotations("local", true) },
    { name: "adoption", share: 3, open: () => adoption() },
    { name: "disk", share: 3, open: () => fullDisk(`${dir}-disk`, engine) },
    { name: "wipe", share: 0.2, open: () => wipes(engine) },
  ];
}
