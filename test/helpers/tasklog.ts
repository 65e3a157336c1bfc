// Drives the built executable as a user would: `await using t = await startTasklog()` gives a tasklog of one's own,
// with its own folders, ports and home, on the real engine. At the end it is asserted that nothing is left: no
// process that the test forgot, no container of its tasks. Set TASKLOG_BIN to test another executable.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { TaskJson } from "../../src/core/rpc/task-json.ts";
import { Child, type Ended } from "./child.ts";
import { testImage as image, useEngine } from "./engine.ts";
import { engineCall } from "./engine-api.ts";
import { freePort } from "./free-port.ts";
import { reportLeftovers } from "./leftovers.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";
import { Terminal } from "./terminal.ts";
import { until } from "./until.ts";

export { image, type TaskJson };

const executable = process.env["TASKLOG_BIN"] ?? join(import.meta.dir, "../../dist/tasklog");

interface CommandOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** A file that stdout goes to. */
  stdoutFile?: string;
  stdin?: string;
}

/** What a process may inherit: nothing that would colour, configure or redirect a tasklog. */
function cleanEnv(home: string, engine: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    LANG: "C.UTF-8",
    TZ: "UTC",
    TASKLOG_USER: "tester",
    HOME: home,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_DATA_HOME: join(home, "data"),
    XDG_STATE_HOME: join(home, "state"),
    DOCKER_HOST: engine,
  };
}

export class Tasklog implements AsyncDisposable {
  readonly executable = executable;
  readonly dir: string;
  readonly grpc: string;
  readonly http: string;
  readonly env: Record<string, string>;
  readonly #temp: TempDir;
  readonly #engine: string;
  readonly #servers = new Set<Child>();
  readonly #clients = new Set<Child>();
  readonly #taskIds = new Set<string>();
  readonly #tags = new Set<string>();

  private constructor(temp: TempDir, engine: string, ports: [number, number]) {
    this.#temp = temp;
    this.#engine = engine;
    this.dir = temp.path;
    this.grpc = `127.0.0.1:${ports[0]}`;
    this.http = `127.0.0.1:${ports[1]}`;
    this.env = { ...cleanEnv(temp.path, engine), TASKLOG_MASTER: this.grpc };
  }

  /** Folders, ports and a home; nothing runs yet. `host`: DOCKER_HOST of an engine of the test's own. */
  static async create(host?: string): Promise<Tasklog> {
    const engine = host ?? (await useEngine());
    const temp = await tempDir();
    await mkdir(join(temp.path, "config"), { recursive: true });
    return new Tasklog(temp, engine, [await freePort(), await freePort()]);
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  // Clients.

  /** Starts a command and goes on; the test ends it or waits for it. */
  start(args: string[], options: CommandOptions = {}): Child {
    const child = this.#spawn(args, options);
    this.#clients.add(child);
    return child;
  }

  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** Runs a command on a terminal. */
  terminal(
    args: string[],
    options: { columns?: number; env?: Record<string, string>; onData?: (text: string) => void } = {},
  ): Terminal {
    return new Terminal([executable, ...args], {
      ...options,
      cwd: this.dir,
      env: { ...this.env, ...options.env },
    });
  }

  /** `tasklog <rest>` through a shell, for pipes. */
  shell(rest: string): Child {
    return this.shellLine(`exec "$TASKLOG" ${rest}`, { TASKLOG: executable });
  }

  /** A command line as a user types it. */
  shellLine(line: string, env: Record<string, string> = {}): Child {
    const child = new Child(["sh", "-c", line], { cwd: this.dir, env: { ...this.env, ...env } });
    this.#clients.add(child);
    return child;
  }

  /** Submits a task that runs `script` in a shell, and gives its id. */
  submit(script: string, ...flags: string[]): Promise<string> {
    return this.#submitted(...flags, image, "--", "sh", "-c", script);
  }

  /** Submits a task from an image of one's own. */
  submitImage(from: string, ...command: string[]): Promise<string> {
    return this.#submitted(from, "--", ...command);
  }

  /** What a command prints with --json, one value a line. Throws when it fails. */
  async json<T>(...args: string[]): Promise<T[]> {
    const ended = await this.run(...args, "--json");
    if (ended.code !== 0) throw new Error(`${args.join(" ")} gave ${ended.code}: ${ended.stderr}`);
    return ended.stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as T);
  }

  tasks(): Promise<TaskJson[]> {
    return this.json<TaskJson>("list-tasks");
  }

  /** Waits until the task has one of these statuses, and gives it. */
  untilStatus(id: string, ...statuses: string[]): Promise<TaskJson> {
    return until(`task ${id} is ${statuses.join(" or ")}`, async () =>
      (await this.tasks()).find((task) => task.id === id && statuses.includes(task.status)),
    );
  }

  // Servers.

  async up(...flags: string[]): Promise<Child> {
    const child = this.serve([
      "up",
      "--grpc",
      this.grpc,
      "--http",
      this.http,
      "--data-dir",
      this.path("up"),
      ...flags,
    ]);
    await this.untilWorkers(1, child);
    return child;
  }

  async master(...flags: string[]): Promise<Child> {
    const folder = this.path("master");
    const child = this.serve([
      "master",
      "--grpc",
      this.grpc,
      "--http",
      this.http,
      "--data-dir",
      folder,
      ...flags,
    ]);
    await this.untilWorkers(0, child);
    return child;
  }

  /** Starts a worker that dials the master; does not wait for it. */
  worker(name: string, ...flags: string[]): Child {
    return this.serve([
      "worker",
      "--master",
      this.grpc,
      "--name",
      name,
      "--data-dir",
      this.path(name),
      ...flags,
    ]);
  }

  /** Waits until that many workers are connected (0: until the master answers). */
  async untilWorkers(count: number, server?: Child): Promise<void> {
    await until(`${count} workers are connected`, async () => {
      if (server && !server.running) {
        throw new Error(`${server.command} ended: ${server.stdout}${server.stderr}`);
      }
      const workers = await this.json<{ connected: boolean }>("workers");
      return workers.filter((worker) => worker.connected).length >= count;
    });
  }

  serve(args: string[]): Child {
    const child = this.#spawn(args, {});
    this.#servers.add(child);
    return child;
  }

  /** Ends all servers as Ctrl-C does. Throws when one has to be killed. */
  async stopServers(): Promise<void> {
    for (const child of this.#servers) {
      if (child.running && (await child.stop("SIGINT")).code === 137) {
        throw new Error(`did not end on SIGINT: ${child.command}\n${child.stderr}`);
      }
    }
  }

  /** The containers of this tasklog's tasks that exist on the engine, running or not. */
  async containers(): Promise<{ id: string; state: string; task: string }[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: ["dev.tasklog.task"] }));
    const all: { Id: string; State: string; Labels: Record<string, string> }[] = await this.engine(
      `/containers/json?all=1&filters=${filters}`,
    );
    return all
      .map(({ Id, State, Labels }) => ({ id: Id, state: State, task: Labels["dev.tasklog.task"] ?? "" }))
      .filter(({ task }) => this.#taskIds.has(task));
  }

  /** What the engine answers. */
  // biome-ignore lint/suspicious/noExplicitAny: see engineCall.
  engine(path: string, method = "GET", body?: unknown): Promise<any> {
    return engineCall(this.#engine, method, path, body);
  }

  /** Starts a container that tasklog knows nothing of, and gives its name. The test removes it. */
  async engineContainer(command: string[], options: object = {}): Promise<string> {
    const name = `tasklog-test-${crypto.randomUUID().slice(0, 8)}`;
    await this.engine(`/containers/create?name=${name}`, "POST", { Image: image, Cmd: command, ...options });
    await this.engine(`/containers/${name}/start`, "POST");
    return name;
  }

  /** Gives the test image another name, unless there is an image of that name; taken back at the end. */
  async tagImage(name: string): Promise<void> {
    const known = await this.engine(`/images/${name}/json`).catch(() => undefined);
    if (known !== undefined) return;
    await this.engine(`/images/${image}/tag?repo=${name}&tag=latest`, "POST");
    this.#tags.add(name);
  }

  /** The container of a task, which must have exactly one; tasks of `run` without --detach may be asked for, too. */
  async containerOf(taskId: string): Promise<string> {
    this.#taskIds.add(taskId);
    const found = (await this.containers()).filter(({ task }) => task === taskId);
    if (found.length !== 1) throw new Error(`${taskId} has ${found.length} containers`);
    return found[0]?.id ?? "";
  }

  async removeContainer(id: string): Promise<void> {
    await this.engine(`/containers/${id}?force=1&v=1`, "DELETE");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(reportLeftovers);
  }

  /** Ends everything. Throws when a process was forgotten, will not end, or a container is left. */
  async close(): Promise<void> {
    const faults: string[] = [];
    for (const child of this.#clients) {
      if (child.running) faults.push(`left running: ${child.command}`);
      await child.stop("SIGKILL");
    }
    await this.#cancelAll();
    await this.stopServers().catch((thrown: unknown) => faults.push(String(thrown)));
    // A container is removed after the last byte was read, which may be after its task is seen as done.
    await until("no container is left", async () => (await this.containers()).length === 0, {
      timeoutMs: 3000,
    }).catch(() => {});
    for (const container of await this.containers()) {
      faults.push(`a container of ${container.task} is left, ${container.state}`);
      await this.removeContainer(container.id);
    }
    for (const tag of this.#tags) await this.engine(`/images/${tag}:latest?noprune=1`, "DELETE");
    await this.#temp[Symbol.asyncDispose]();
    if (faults.length > 0) throw new Error(faults.join("\n"));
  }

  async #submitted(...args: string[]): Promise<string> {
    const ended = await this.run("run", "--detach", ...args);
    const id = ended.stdout.trim();
    if (ended.code !== 0 || !/^task-[a-z2-7]{12}$/.test(id)) {
      throw new Error(`run --detach gave ${ended.code}:\n${ended.stdout}${ended.stderr}`);
    }
    this.#taskIds.add(id);
    return id;
  }

  #spawn(args: string[], options: CommandOptions): Child {
    const { env, cwd, ...rest } = options;
    return new Child([executable, ...args], {
      ...rest,
      cwd: cwd ?? this.dir,
      env: { ...this.env, ...env },
    });
  }

  /** Cancels what is not done and waits for it, so that a running server ends with nothing left. */
  async #cancelAll(): Promise<void> {
    if (![...this.#servers].some((server) => server.running)) return;
    const tasks = await this.tasks().catch(() => []);
    for (const task of tasks) this.#taskIds.add(task.id);
    const isOpen = ({ status, adopted }: TaskJson) =>
      adopted === null && ["pending", "starting", "running"].includes(status);
    const open = tasks.filter(isOpen);
    if (open.length === 0) return;
    await this.run("cancel", "--force", ...open.map((task) => task.id));
    await until("the cancelled tasks have ended", async () => !(await this.tasks()).some(isOpen)).catch(
      () => {},
    );
  }
}

/** `tasklog up` with `flags`, ready. */
export async function startTasklog(...flags: string[]): Promise<Tasklog> {
  const t = await Tasklog.create();
  try {
    await t.up(...flags);
    return t;
  } catch (thrown) {
    await t.close().catch(() => {});
    throw thrown;
  }
}

/** A master and one worker named `alpha`, as two processes. */
export async function startApart(
  masterFlags: string[] = [],
  workerFlags: string[] = [],
): Promise<Tasklog & { masterProcess: Child; workerProcess: Child }> {
  const t = await Tasklog.create();
  try {
    const masterProcess = await t.master(...masterFlags);
    const workerProcess = t.worker("alpha", ...workerFlags);
    await t.untilWorkers(1, workerProcess);
    return Object.assign(t, { masterProcess, workerProcess });
  } catch (thrown) {
    await t.close().catch(() => {});
    throw thrown;
  }
}
