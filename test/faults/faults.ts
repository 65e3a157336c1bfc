// Everything that is broken here, each as one act that leaves nothing broken behind: what was killed is started again,
// what was stopped goes on, a line that was cut can be dialled again. Which one, and for how long, is the seed's choice.

import type { Random } from "../helpers/random.ts";
import { until } from "../helpers/until.ts";
import { anyPrinter } from "./printer.ts";
import type { ServerName, Stage, StagedTask } from "./stage.ts";

export interface Fault {
  name: string;
  /** What no other fault may touch at the same time. */
  holds: readonly string[];
  /** Resolves when it is mended, to what it was in particular. */
  act(stage: Stage, random: Random): Promise<string>;
}

const printsFirstMs = 1500;

function kill(name: ServerName, downMs: number): Fault {
  return {
    name: `kill -9 of the ${name}`,
    holds: [name],
    async act(stage, random) {
      await stage.kill(name);
      const ms = random.between(0, downMs);
      await Bun.sleep(ms);
      stage.startServer(name);
      return `down for ${ms} ms`;
    },
  };
}

function pause(name: ServerName, pausedMs: number): Fault {
  return {
    name: `SIGSTOP of the ${name}`,
    holds: [name],
    async act(stage, random) {
      const ms = random.between(100, pausedMs);
      stage.server(name).signal("SIGSTOP");
      await Bun.sleep(ms);
      stage.server(name).signal("SIGCONT");
      return `for ${ms} ms`;
    },
  };
}

const lineNames = { clients: "client and master", link: "worker and master" } as const;

function spoil(which: keyof typeof lineNames): Fault[] {
  const between = lineNames[which];
  const holds = [which];
  return [
    {
      name: `connections of ${between} cut`,
      holds,
      async act(stage) {
        stage[which].cut();
        return "";
      },
    },
    {
      name: `connections of ${between} held up`,
      holds,
      async act(stage, random) {
        const ms = random.between(100, 3000);
        await stage[which].stall(ms);
        return `for ${ms} ms`;
      },
    },
    {
      name: `connections of ${between} held up, then cut`,
      holds,
      async act(stage, random) {
        const ms = random.between(100, 2000);
        const stalled = stage[which].stall(ms);
        await Bun.sleep(ms / 2);
        stage[which].cut();
        await stalled;
        return `for ${ms} ms`;
      },
    },
    {
      name: `connections of ${between} delayed`,
      holds,
      async act(stage, random) {
        const delayMs = random.between(5, 100);
        await stage[which].slow(delayMs, 1500);
        return `by ${delayMs} ms`;
      },
    },
    {
      name: `connections of ${between} refused`,
      holds,
      async act(stage, random) {
        const ms = random.between(100, 2000);
        await stage[which].close();
        await Bun.sleep(ms);
        await stage[which].open();
        return `for ${ms} ms`;
      },
    },
  ];
}

/** Longer than the keep-alive of both ends: they take each other for dead. */
export const silence: Fault = {
  name: "connections of worker and master silent for longer than their keep-alive",
  holds: ["link"],
  async act(stage) {
    await stage.link.stall(18_000);
    return "for 18 s";
  },
};

const ofViewers: Fault[] = [
  {
    name: "kill -9 of a client",
    holds: [],
    async act(stage, random) {
      const viewer = random.pick(stage.tasks.flatMap(({ viewers }) => viewers));
      if (viewer.running) viewer.kill();
      return viewer.name;
    },
  },
  {
    name: "SIGSTOP of a client",
    holds: [],
    async act(stage, random) {
      const viewer = random.pick(stage.tasks.flatMap(({ viewers }) => viewers));
      const ms = random.between(200, 5000);
      viewer.signal("SIGSTOP");
      await Bun.sleep(ms);
      viewer.signal("SIGCONT");
      return `${viewer.name} for ${ms} ms`;
    },
  },
];

/** A task of its own, of which `change` makes something else while no worker looks. */
function whileDead(
  what: string,
  end: StagedTask["end"],
  change: (stage: Stage, task: StagedTask) => Promise<void>,
): Fault {
  return {
    name: `container ${what} while the worker was dead`,
    holds: ["worker", "master", "clients", "link"],
    async act(stage, random) {
      const task = await stage.startTask(anyPrinter(random));
      stage.view(task, ["--tail", "all"]);
      const container = await stage.t.containerOf(task.id);
      await Bun.sleep(random.between(0, printsFirstMs));
      await stage.kill("worker");
      await Bun.sleep(random.between(0, 500));
      task.end = end;
      await change(stage, task);
      await Bun.sleep(random.between(0, 500));
      stage.startServer("worker");
      return `${task.id}, container ${container.slice(0, 12)}`;
    },
  };
}

const ofContainers: Fault[] = [
  whileDead("ended", "own", async (stage, task) => {
    await task.printer.stop();
    const container = await stage.t.containerOf(task.id);
    await stage.t.engine(`/containers/${container}/wait`, "POST");
  }),
  whileDead("removed", "removed", async (stage, task) => {
    await stage.t.removeContainer(await stage.t.containerOf(task.id));
  }),
  whileDead("restarted", "restarted", async (stage, task) => {
    task.restarts++;
    const container = await stage.t.containerOf(task.id);
    await stage.t.engine(`/containers/${container}/restart?t=0`, "POST");
  }),
];

/** One after the other, while its tasks print. */
const killThrice: Fault = {
  name: "kill -9 of the worker, three times",
  holds: ["worker"],
  async act(stage, random) {
    for (let n = 0; n < 3; n++) {
      await stage.kill("worker");
      await Bun.sleep(random.between(0, 1000));
      stage.startServer("worker");
      await Bun.sleep(random.between(0, 2500));
    }
    return "";
  },
};

const restartedOverAndOver: Fault = {
  name: "container restarted over and over while the worker was dead",
  holds: ["worker", "master", "clients", "link"],
  async act(stage, random) {
    const task = await stage.startTask(anyPrinter(random));
    stage.view(task, ["--tail", "all"]);
    const container = await stage.t.containerOf(task.id);
    task.end = "restarted";
    for (let n = 1; n <= 3; n++) {
      await until(
        `run ${n} prints on both streams`,
        async () => ((await task.printer.progress(n))?.stderr ?? 0) > 0,
      );
      await stage.kill("worker");
      await stage.t.engine(`/containers/${container}/restart?t=0`, "POST");
      task.restarts++;
      await Bun.sleep(random.between(0, 500));
      stage.startServer("worker");
      await Bun.sleep(random.between(0, 1500));
    }
    return `${task.id}, container ${container.slice(0, 12)}`;
  },
};

const killWorker = kill("worker", 2000);

export const faultsOfWorker = [killWorker, killThrice, ...ofContainers];

/** For tasks of the engine that is there, whose first lines do not rotate away. */
export const faultsOfRestarts = [restartedOverAndOver];

/** With the worker alive all the time. */
export const faultsAround: readonly Fault[] = [
  kill("master", 1500),
  pause("worker", 3000),
  pause("master", 3000),
  ...spoil("clients"),
  ...spoil("link"),
  ...ofViewers,
];

export const faultsAll: readonly Fault[] = [
  ...faultsAround,
  killWorker,
  ...faultsOfWorker,
  restartedOverAndOver,
];
