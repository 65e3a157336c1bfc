// Tasks as plain child processes of the worker, for machines without an engine and for trying things out. Off unless
// asked for: a task can do whatever the worker's user can, sees the worker's environment, and knows no limits. A run
// ends with its worker: when the worker closes, its group is killed; when the worker was killed itself, the next one
// on the same data folder kills what is left and finds nothing to take over.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { release } from "node:os";
import { isAbsolute, join } from "node:path";
import { TasklogError } from "../../../base/errors.ts";
import { parseKeyValue } from "../../../base/labels.ts";
import type { Logger } from "../../../base/logger.ts";
import { sleep } from "../../../base/wait.ts";
import type { TaskSpec } from "../../../rpc/gen/tasklog/v1/task.ts";
import type { FoundRun, Run, TaskRuntime } from "../runtime.ts";
import { isSame, signalGroup } from "./process-group.ts";
import { ProcessRun } from "./process-run.ts";

export interface ProcessRuntimeOptions {
  workerId: string;
  /** The worker's: `processes/` in it has one empty file for each process group that runs. */
  dataDir: string;
  logger: Logger;
}

export function createProcessRuntime(options: ProcessRuntimeOptions): TaskRuntime {
  return new ProcessRuntime(options);
}

/** The resources that may be short for a while, by the system's code. */
const shortages = new Map([
  ["EMFILE", "file descriptors (ulimit -n)"],
  ["ENFILE", "file descriptors of the whole system"],
  ["EAGAIN", "processes (ulimit -u)"],
  ["ENOMEM", "memory"],
]);
/** The time for which a command is tried again that only such a shortage keeps from starting, in ms: longer than short tasks last. */
const shortageMs = 30_000;
const shortageRetryMs = 100;

class ProcessRuntime implements TaskRuntime {
  readonly name = "process";
  readonly hasAnswered = true;
  readonly #dir: string;
  readonly #logger: Logger;
  readonly #runs = new Map<string, { taskId: string; run: ProcessRun; running: boolean }>();

  constructor({ dataDir, logger }: ProcessRuntimeOptions) {
    this.#dir = join(dataDir, "processes");
    this.#logger = logger;
    // For an end of the worker that is no clean close but no SIGKILL either.
    process.once("exit", () => {
      for (const { run } of this.#runs.values()) run.kill();
    });
  }

  async version(): Promise<string> {
    return `process ${release()}`;
  }

  async prepare(spec: TaskSpec, _onProgress: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new TasklogError("aborted", "stopped before it was started");
    refuseWhatCannotBeHad(spec);
  }

  async start(taskId: string, spec: TaskSpec): Promise<Run> {
    refuseWhatCannotBeHad(spec);
    const [command = "", ...args] = [...spec.entrypoint, ...spec.command];
    const cwd = spec.workdir || ownFolder();
    if (!isDirectory(cwd))
      throw new TasklogError("invalid", `there is no folder ${cwd} to work in (--workdir)`);
    const env = withChanges(process.env, spec.env);
    const run = new ProcessRun(await spawned(locate(command, cwd, env["PATH"] ?? ""), args, cwd, env));
    const entry = { taskId, run, running: true };
    this.#runs.set(run.handle, entry);
    this.#note(run.handle);
    void run.wait().then(() => {
      entry.running = false;
      this.#forget(run.handle);
    });
    return run;
  }

  /** A process that could not be started has left nothing. */
  async discard(): Promise<void> {}

  /** Kills what a worker that was killed left behind in this data folder. */
  async find(): Promise<FoundRun[]> {
    for (const name of this.#noted()) {
      if (this.#runs.has(name)) continue;
      if (isSame(name) && signalGroup(Number.parseInt(name, 10), "SIGKILL")) {
        this.#logger.info(`ended process group ${name.split(":")[0]}, which an earlier worker left behind`);
      }
      this.#forget(name);
    }
    return [...this.#runs].map(([handle, { taskId, running }]) => ({
      taskId,
      handle,
      wasStarted: true,
      running,
    }));
  }

  async reopen(handle: string): Promise<Run> {
    throw new TasklogError("not_found", `process ${handle.split(":")[0]} ended with the worker that ran it`);
  }

  async remove(handle: string): Promise<void> {
    this.#runs.get(handle)?.run.kill();
    this.#runs.delete(handle);
  }

  /** A disk that takes no file is no reason to end what runs already: only a worker that is killed leaves it behind then. */
  #note(handle: string): void {
    try {
      mkdirSync(this.#dir, { recursive: true });
      writeFileSync(join(this.#dir, handle), "");
    } catch (error) {
      const { message } = TasklogError.from(error);
      this.#logger.warn(
        `process group ${handle.split(":")[0]} outlives this worker if it is killed: ${message}`,
      );
    }
  }

  #forget(handle: string): void {
    try {
      rmSync(join(this.#dir, handle), { force: true });
    } catch {
      // Its name is not used again by the system: the file does no harm, and the next worker tries again.
    }
  }

  #noted(): string[] {
    try {
      return readdirSync(this.#dir);
    } catch {
      return [];
    }
  }
}

/** The folder that the worker was started in; it may have been removed since. */
function ownFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new TasklogError(
      "invalid",
      "the folder that the worker was started in is gone: give the task another with --workdir, or start the worker again",
      { cause: error },
    );
  }
}

function refuseWhatCannotBeHad(spec: TaskSpec): void {
  const asked = {
    "an image": spec.image !== "",
    "--volume": spec.volumes.length > 0,
    "--user": spec.user !== "",
    "--network": spec.network !== "",
    "--cpus": spec.cpus !== 0,
    "--memory": spec.memoryBytes !== 0,
    "--gpus": spec.gpus !== "",
    "--tty": spec.tty,
  };
  const refused = Object.entries(asked).find(([, isAsked]) => isAsked)?.[0];
  if (refused !== undefined) {
    throw new TasklogError(
      "invalid",
      `the process runtime runs a plain command and cannot give it ${refused}: leave it out, or use --runtime docker`,
    );
  }
  if (spec.entrypoint.length + spec.command.length === 0) {
    throw new TasklogError("invalid", 'the process runtime needs a command: give one after "--"');
  }
}

/** KEY=VALUE sets, KEY alone removes. */
function withChanges(base: NodeJS.ProcessEnv, changes: readonly string[]): NodeJS.ProcessEnv {
  const env = { ...base };
  for (const change of changes) {
    const { key, value } = parseKeyValue(change);
    if (value === undefined) delete env[key];
    else env[key] = value;
  }
  return env;
}

/** The file that a shell would run. Throws "command_not_found", "not_executable". */
function locate(command: string, cwd: string, path: string): string {
  const candidates = command.includes("/")
    ? [isAbsolute(command) ? command : join(cwd, command)]
    : path.split(":").map((dir) => join(dir || cwd, command));
  const files = candidates.filter((file) => statOf(file)?.isFile());
  const found = files.find(isExecutable);
  if (found !== undefined) return found;
  if (files.length > 0 || isDirectory(candidates[0] ?? "")) throw notExecutable(command);
  throw new TasklogError("command_not_found", `there is no command "${command}" on this worker`);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const isDirectory = (path: string): boolean => statOf(path)?.isDirectory() ?? false;

/** undefined: not there, or not to be seen by this user. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Waits and tries again, for a while, where only descriptors, processes or memory are short: tasks end, and give back theirs. */
async function spawned(command: string, args: string[], cwd: string, env: NodeJS.ProcessEnv) {
  const deadline = performance.now() + shortageMs;
  for (;;) {
    try {
      const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
      await once(child, "spawn");
      const { pid } = child;
      if (pid === undefined) throw notExecutable(command);
      return Object.assign(child, { pid });
    } catch (thrown) {
      const { code = "" } = thrown as NodeJS.ErrnoException;
      if (!shortages.has(code)) throw notExecutable(command, thrown);
      if (performance.now() > deadline) throw tooFew(command, code, thrown);
      await sleep(shortageRetryMs);
    }
  }
}

function tooFew(command: string, code: string, cause: unknown): TasklogError {
  return new TasklogError(
    "exhausted",
    `"${command}" could not be started, because this worker is short of ${shortages.get(code)} (${code}): run fewer tasks at once (--slots), or raise the limit`,
    { cause },
  );
}

function notExecutable(command: string, cause?: unknown): TasklogError {
  return new TasklogError(
    "not_executable",
    `"${command}" on this worker cannot be executed: it is no program, or may not be run by this user`,
    { cause },
  );
}
