// A container of the local engine that tasklog did not start, for `tasklog monitor CONTAINER` when no master runs. Its
// lines come from the engine's logs API, over restarts, to its end. What that source cannot promise: when the engine's
// log file rotates under a burst, the API leaves lines out and does not say so; and text without a newline comes only
// with its newline. Nothing is stored and nothing is numbered here: that is a worker's.
import { TasklogError } from "../../errors.ts";
import { createEngine } from "../runtimes/docker/engine.ts";
import { fromEngine, statusOf } from "../runtimes/docker/engine-errors.ts";
import type { EngineRecords } from "../runtimes/docker/engine-log/engine-log.ts";
import { openEngineLog } from "../runtimes/docker/engine-log/open-engine-log.ts";
import { toRunResult } from "../runtimes/docker/run-result.ts";
import type { OutputGap, RunResult } from "../runtimes/runtime.ts";

export interface MonitorContainerOptions {
  /** DOCKER_HOST form; absent: found as the docker command finds it. */
  host?: string | undefined;
  /** Name, id, or the beginning of an id. */
  nameOrId: string;
  /** Lines of the past; "all" for all of them. */
  tail: number | "all";
  /** To the container's end, over restarts by its restart policy; else only what is there. */
  follow: boolean;
  signal: AbortSignal;
}

export interface MonitoredContainer {
  id: string;
  name: string;
  image: string;
  tty: boolean;
  /** What the source of the lines cannot promise; "" where nothing is lost. */
  limits: string;
  /** Ends quietly on abort. */
  output: AsyncIterable<EngineRecords | OutputGap>;
  /** How it ended; undefined while it runs. To be asked after the last record. Throws as `monitorContainer` does. */
  result(): Promise<RunResult | undefined>;
}

/** Throws TasklogError: `not_found` (no such container), `unavailable` (no engine answers), `usage` (bad host). */
export async function monitorContainer(options: MonitorContainerOptions): Promise<MonitoredContainer> {
  const { nameOrId, tail, follow, signal } = options;
  const engine = createEngine(options.host);
  const named = engine.docker.getContainer(nameOrId);
  const inspect = async () => {
    try {
      return await named.inspect({ abortSignal: signal } as object);
    } catch (thrown) {
      throw fail(thrown);
    }
  };
  const fail = (thrown: unknown): TasklogError =>
    statusOf(thrown) === 404
      ? new TasklogError(
          "not_found",
          `there is no container "${nameOrId}" on the engine at ${engine.address.host}`,
        )
      : fromEngine(engine.address, `container "${nameOrId}" cannot be read`, thrown);

  const info = await inspect();
  const { Id, Name, Config } = info;
  const log = await openEngineLog(engine, info);
  async function* output(): AsyncGenerator<EngineRecords | OutputGap> {
    try {
      yield* log.read({ follow, ...(tail !== "all" && { tail }) }, signal);
    } catch (thrown) {
      if (!signal.aborted) throw fail(thrown);
    }
  }
  return {
    id: Id,
    name: Name.replace(/^\//, ""),
    image: Config.Image,
    tty: Config.Tty,
    limits: log.limits,
    output: output(),
    async result() {
      const { State } = await inspect();
      return State.Running || State.Status === "created" ? undefined : toRunResult(State);
    },
  };
}
