// A master with the plugin under trial and a worker that runs plain processes, in a folder of their own: real parts,
// as `tasklog up` has them. What the master says about the plugin is kept, because its complaints are the verdict.

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TasklogError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { sleep, startInterval, timeoutSignal } from "../base/wait.ts";
import { isFinal } from "../log/log-item.ts";
import { type Master, startMaster } from "../master/master.ts";
import { type BuiltinPlugins, loadPlugin } from "../master/plugins/plugin-loading.ts";
import type { Task } from "../rpc/gen/tasklog/v1/task.ts";
import { connectMaster, type MasterClient } from "../rpc/master-client.ts";
import { type RunningWorker, startWorker } from "../worker/worker.ts";

/** The plugin under trial, as `--plugins` and `--plugin-option` would name it. */
export interface PluginSubject {
  readonly name: string;
  readonly builtins?: BuiltinPlugins;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Longer than this nobody may hold the event loop, in ms; and how often that is looked at. */
const blockedMsMax = 1000;
const lookEveryMs = 50;
const lateAfterMs = 30_000;

const loopback = { host: "127.0.0.1", port: 0 };

export class Trial implements AsyncDisposable {
  client!: MasterClient;
  /** The warnings and errors that the master or the plugin logged. */
  readonly complaints: string[] = [];
  readonly #subject: PluginSubject;
  readonly #dir: string;
  #master!: Master;
  #worker!: RunningWorker;
  #blockedMs = 0;
  #beatMs = runnableMs();
  readonly #timer = startInterval(() => {
    const nowMs = runnableMs();
    this.#blockedMs = Math.max(this.#blockedMs, nowMs - this.#beatMs - lookEveryMs);
    this.#beatMs = nowMs;
  }, lookEveryMs);

  private constructor(subject: PluginSubject, dir: string) {
    this.#subject = subject;
    this.#dir = dir;
  }

  static async start(subject: PluginSubject, http = true): Promise<Trial> {
    const trial = new Trial(subject, await mkdtemp(join(tmpdir(), "tasklog-trial-")));
    try {
      await trial.#start(http);
      return trial;
    } catch (error) {
      await trial[Symbol.asyncDispose]();
      throw error;
    }
  }

  async restart(): Promise<void> {
    await this.#stop();
    await this.#start(true);
  }

  /** A task that runs `script` in a shell. */
  async submit(script: string): Promise<Task> {
    return await this.client.submitTask({ spec: { command: ["sh", "-c", script], runtime: "process" } });
  }

  async run(script: string): Promise<Task> {
    return await this.ended((await this.submit(script)).id);
  }

  /** Waits until the task is done. */
  ended(id: string): Promise<Task> {
    return this.until(id, ({ status }) => isFinal(status));
  }

  async until(id: string, condition: (task: Task) => boolean): Promise<Task> {
    const lateMs = performance.now() + lateAfterMs;
    for (;;) {
      const task = await this.client.getTask(id);
      if (condition(task)) return task;
      if (performance.now() > lateMs)
        throw new Error(`the task is ${task.status} after ${lateAfterMs / 1000} s`);
      await sleep(20);
    }
  }

  /** Counts the lines that a viewer beside the plugin gets of the task, to its end. */
  async linesOf(id: string): Promise<number> {
    let count = 0;
    const request = { task: id, start: { $case: "all", value: true }, follow: true } as const;
    for await (const item of this.client.streamTaskLogs(request, timeoutSignal(lateAfterMs))) {
      if (item.kind === "batch") count += item.batch.count;
    }
    return count;
  }

  /** Throws when the plugin has failed, was complained about, or has held up the master. */
  async requireWell(): Promise<void> {
    const complaint = this.complaints.find((said) =>
      /the plugin \S+ (does not work|failed|did not end)/.test(said),
    );
    if (complaint !== undefined) throw new Error(complaint);
    if (this.#blockedMs > blockedMsMax) {
      throw new Error(
        `nothing else could run for ${Math.round(this.#blockedMs)} ms; await something in between`,
      );
    }
  }

  /** Ends the master. In ms, how long that took. */
  async end(): Promise<number> {
    const fromMs = performance.now();
    await this.#stop();
    return performance.now() - fromMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.stop();
    await this.#stop();
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #start(http: boolean): Promise<void> {
    const say = (message: string) => void this.complaints.push(message);
    const logger: Logger = { debug() {}, info() {}, warn: say, error: say };
    const { name, builtins = {}, options = {} } = this.#subject;
    const { plugin } = await loadPlugin(name, builtins);
    this.#master = await startMaster({
      grpc: loopback,
      http: http ? loopback : undefined,
      dataDir: join(this.#dir, "master"),
      plugins: [{ name, options }],
      builtins,
      logger,
    });
    this.#worker = await startWorker({
      master: this.#master.grpcAddress,
      name: "trial",
      dataDir: join(this.#dir, "worker"),
      runtimes: ["process"],
      logger,
    });
    this.client = connectMaster(this.#master.grpcAddress, { userId: "trial" });
    if (!this.#master.plugins.includes(plugin.name)) {
      throw new TasklogError("invalid", this.complaints.at(-1) ?? "it does not work");
    }
  }

  /** Tasks are ended first: nothing may be left of a trial. */
  async #stop(): Promise<void> {
    if (this.#master === undefined) return;
    const unfinished = await this.client
      .listTasks({ status: ["pending", "starting", "running"] })
      .catch(() => []);
    for (const { id } of unfinished) await this.client.cancelTask({ task: id, force: true });
    this.client.close();
    await this.#master.close();
    await this.#worker?.close();
  }
}

/**
 * A clock, in ms, that stands while this thread could run and the machine runs others: what a busy machine holds up is
 * not the plugin's fault. Where the kernel does not tell (it does on Linux), it is an ordinary one.
 */
function runnableMs(): number {
  return performance.now() - waitedMs();
}

function waitedMs(): number {
  try {
    const [, waitedNs] = readFileSync("/proc/thread-self/schedstat", "utf8").split(" ");
    return Number(waitedNs) / 1e6;
  } catch {
    return 0;
  }
}
