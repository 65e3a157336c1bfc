// Where faults happen: a master and a worker as two processes of the built executable, lines between them and to the
// clients that can be spoilt, tasks that print, and viewers that look. It knows how to break things and how to mend
// them; what to break, and when, is not its matter.
import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { AdoptableContainer } from "../helpers/adoptable-container.ts";
import type { Child } from "../helpers/child.ts";
import { image, type TaskJson, Tasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";
import { BadLine } from "./bad-line.ts";
import { type ClockOptions, clockEnv } from "./clock.ts";
import { Printer, type PrinterOptions } from "./printer.ts";
import { Viewer } from "./viewer.ts";

export type ServerName = "master" | "worker";

export interface StageOptions {
  /** DOCKER_HOST of an engine that may be broken, too. */
  engine?: string;
  /** The worker's data folder, where it is to be a special one. */
  workerDir?: string;
  /** Containers end with their engine. */
  engineEndsTasks?: boolean;
  /** Its tasks are containers that the worker adopts. */
  adopts?: boolean;
  /** All processes of tasklog have a clock that can be set. */
  clock?: ClockOptions;
}

export interface StagedTask {
  id: string;
  printer: Printer;
  /** How often its container was started again. */
  restarts: number;
  /** What may be expected of its end. */
  end: "own" | "removed" | "restarted" | "with the engine";
  /** The worker's data folder was: the log has begun anew. */
  wiped: boolean;
  /** Its container stays, as a witness. */
  kept: boolean;
  viewers: Viewer[];
  /** How often the engine had been ended before it began. */
  engineEndsBefore: number;
}

const readyMs = 30_000;

export class Stage {
  readonly t: Tasklog;
  readonly clients: BadLine;
  readonly link: BadLine;
  readonly tasks: StagedTask[] = [];
  /** Names of the tasks that only live a moment. */
  readonly brief: string[] = [];
  readonly workerDir: string;
  readonly engineEndsTasks: boolean;
  /** How often the engine was ended. */
  engineEnds = 0;
  /** The label of containers to adopt, where its tasks are such. */
  readonly #adopted: string | undefined;
  readonly #containers: AdoptableContainer[] = [];
  readonly #servers = new Map<ServerName, Child>();
  /** What the servers that were killed had said. */
  readonly #said: string[] = [];

  private constructor(t: Tasklog, clients: BadLine, link: BadLine, options: StageOptions) {
    this.t = t;
    this.clients = clients;
    this.link = link;
    this.engineEndsTasks = options.engineEndsTasks ?? false;
    if (options.adopts) this.#adopted = `test.tasklog.${crypto.randomUUID()}`;
    this.workerDir = options.workerDir ?? t.path("worker");
  }

  static async start(options: StageOptions = {}): Promise<Stage> {
    const t = await Tasklog.create(options.engine);
    if (options.clock) Object.assign(t.env, clockEnv(options.clock));
    const [clients, link] = [await BadLine.start(t.grpc), await BadLine.start(t.grpc)];
    const stage = new Stage(t, clients, link, options);
    stage.startServer("master");
    stage.startServer("worker");
    await t.untilWorkers(1);
    return stage;
  }

  startServer(name: ServerName): void {
    const args = {
      master: ["--grpc", this.t.grpc, "--http", this.t.http, "--data-dir", this.t.path("master")],
      worker: ["--master", this.link.address, "--name", "alpha", "--data-dir", this.workerDir],
    };
    if (this.#adopted !== undefined) args.worker.push("--adopt", `label=${this.#adopted}`);
    this.#servers.set(name, this.t.serve([name, ...args[name]]));
  }

  server(name: ServerName): Child {
    const child = this.#servers.get(name);
    if (child === undefined) throw new Error(`there is no ${name}`);
    return child;
  }

  /** kill -9, and waits until it is gone. */
  async kill(name: ServerName): Promise<void> {
    const child = this.server(name);
    if (!child.running) throw new Error(`the ${name} had ended by itself: ${child.stderr}`);
    child.signal("SIGKILL");
    const { stderr } = await child.ended;
    this.#said.push(`--- ${name} ${child.pid}, killed\n${stderr}`);
  }

  /** Starts a task that prints, and waits until it does. */
  async startTask(options: PrinterOptions): Promise<StagedTask> {
    const engineEndsBefore = this.engineEnds;
    const printer = await Printer.create(this.t.path(`w${this.tasks.length}`), options);
    const id =
      this.#adopted === undefined
        ? await this.retried("submit", () => this.t.submit(printer.script, ...printer.flags, "--keep"))
        : await this.#adopt(printer, this.#adopted);
    const task: StagedTask = {
      id,
      printer,
      restarts: 0,
      end: "own",
      wiped: false,
      kept: this.#adopted === undefined,
      viewers: [],
      engineEndsBefore,
    };
    this.tasks.push(task);
    await until(`${id} prints`, () => printer.progress(), { timeoutMs: readyMs });
    return task;
  }

  async #adopt({ script, dir }: Printer, label: string): Promise<string> {
    const engine = this.t.env["DOCKER_HOST"] ?? "";
    const host = { Binds: [`${dir}:/w`] };
    const container = await AdoptableContainer.start(script, { engine, host, labels: { [label]: "" } });
    this.#containers.push(container);
    const find = async () => (await this.tasksKnown()).find(({ name }) => name === container.name)?.id;
    return await until(`${container.name} is followed`, find, { timeoutMs: readyMs });
  }

  view(task: StagedTask, start: string[], overBadLine = true): Viewer {
    const name = `${task.id}-${task.viewers.length}`;
    const master = overBadLine ? this.clients.address : this.t.grpc;
    const viewer = new Viewer(this.t, name, task.id, master, start);
    task.viewers.push(viewer);
    return viewer;
  }

  /** A task that has ended before one could look: it may be asked for while nobody answers, and then there is none. */
  async startBrief(): Promise<void> {
    const name = `brief-${this.brief.length}`;
    this.brief.push(name);
    const dir = this.t.path("briefs");
    await mkdir(dir, { recursive: true });
    const run = [
      "run",
      "--detach",
      "--name",
      name,
      "--network",
      "none",
      "--volume",
      `${dir}:/w`,
      image,
      "--",
    ];
    await this.t.run(...run, "sh", "-c", `echo >> /w/${name}; echo first; echo second >&2; exit 3`);
  }

  /** How often the command of a short-lived task was run. */
  async runsOfBrief(name: string): Promise<number> {
    return (await readFile(this.t.path(`briefs/${name}`), "utf8").catch(() => "")).length;
  }

  /** A command that needs the master, tried again while it does not answer. */
  async retried<T>(what: string, command: () => Promise<T>, timeoutMs = readyMs): Promise<T> {
    let result: { value: T } | undefined;
    await until(what, async () => (result = { value: await command() }), { everyMs: 200, timeoutMs });
    return (result as { value: T }).value;
  }

  tasksKnown(): Promise<TaskJson[]> {
    return this.retried("ps", () => this.t.tasks());
  }

  /** Everything that was stopped or held up goes on; whoever is dead is told. */
  async mend(): Promise<void> {
    for (const name of ["master", "worker"] as const) {
      const child = this.server(name);
      if (!child.running) throw new Error(`the ${name} ended by itself: ${child.stderr}`);
      child.signal("SIGCONT");
    }
    for (const { viewers } of this.tasks) for (const viewer of viewers) viewer.signal("SIGCONT");
  }

  /** What the servers said, into a file. */
  async keepTalk(file: string): Promise<void> {
    for (const [name, child] of this.#servers) this.#said.push(`--- ${name} ${child.pid}\n${child.stderr}`);
    await appendFile(file, this.#said.join("\n"));
  }

  /** The folders of the logs, by task. */
  logDir(task: StagedTask): string {
    return join(this.workerDir, "worker/logs", task.id);
  }

  async wipeWorker(): Promise<void> {
    await rm(this.workerDir, { recursive: true, force: true });
  }

  /** Throws when something is left. */
  async close(): Promise<void> {
    for (const container of this.#containers) await container[Symbol.asyncDispose]();
    try {
      await this.t.close();
    } finally {
      await Promise.all([this.clients.close(), this.link.close()]);
    }
  }
}
