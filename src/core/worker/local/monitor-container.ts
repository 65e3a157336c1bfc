// A container of the local engine that tasklog did not start, for `tasklog monitor CONTAINER` when no master runs. Its
// lines come from the engine's log, over restarts, to its end; text without a newline comes only with its newline.
// Nothing is stored and nothing is numbered here: that is a worker's.
import { isLater, type Stamp } from "../../base/stamp.ts";
import type { ContainerInspectInfo, Engine } from "../../engine/client/engine.ts";
import { createEngine } from "../../engine/client/engine.ts";
import { fromEngine, statusOf } from "../../engine/client/engine-errors.ts";
import { isDown } from "../../engine/containers/container-end.ts";
import { toRunResult } from "../../engine/containers/run-result.ts";
import type { OutputGap, RunResult } from "../../engine/output.ts";
import type { EngineLog, EngineLogQuery, EngineRecords } from "../../engine/sources/engine-log.ts";
import { openEngineLog } from "../../engine/sources/open-engine-log.ts";
import { findContainers } from "./find-containers.ts";
import { type PreviousRun, previousRun } from "./previous-run.ts";
import { tailOfRun, untilTime } from "./run-of-log.ts";

export interface MonitorContainersOptions {
  /** DOCKER_HOST form; absent: found as the docker command finds it. */
  host?: string | undefined;
  /** Names, ids, beginnings of ids, and what Compose calls them: `service`, `project/service`. */
  names: readonly string[];
  /** Lines of the past; "all" for all of them. */
  tail: number | "all";
  /** Instead: from the first record that is not older. */
  since?: Stamp | undefined;
  /** Follows to the container's end, over restarts by its restart policy; else shows only what is there. */
  follow: boolean;
  /** Shows only the run before the present one, which is never followed. */
  previous: boolean;
  signal: AbortSignal;
}

export interface MonitoredContainer {
  id: string;
  name: string;
  image: string;
  tty: boolean;
  /**
   * Says where its lines come from and what that cannot promise, as clauses for a person; empty if nothing is in
   * doubt.
   */
  notices: string[];
  /** Ends quietly on abort. */
  output: AsyncIterable<EngineRecords | OutputGap>;
  /**
   * The end of the run; undefined while it runs, of a previous run, and where it was removed. To be asked after the last
   * record. Throws as `monitorContainers` does.
   */
  result(): Promise<RunResult | undefined>;
}

/**
 * Those that are meant, one or more. Throws TasklogError: `not_found` (no such container, no run before), `invalid` (its
 * output is not kept), `unavailable` (no engine answers), `usage` (bad host).
 */
export async function monitorContainers(options: MonitorContainersOptions): Promise<MonitoredContainer[]> {
  const engine = createEngine(options.host);
  const infos = await findContainers(engine, options.names);
  return await Promise.all(infos.map((info) => monitor(engine, info, options)));
}

async function monitor(
  engine: Engine,
  info: ContainerInspectInfo,
  options: MonitorContainersOptions,
): Promise<MonitoredContainer> {
  const { Id, Name, Config } = info;
  const name = Name.replace(/^\//, "");
  const { signal } = options;
  const log = await openEngineLog(engine, info);
  const previous = options.previous ? await previousRun(engine, info, signal) : undefined;
  const fail = (thrown: unknown) => fromEngine(engine.address, `container "${name}" cannot be read`, thrown);
  const left = new AbortController();
  const ended = exitOfRemoved(engine, info, AbortSignal.any([signal, left.signal]));

  async function* output(): AsyncGenerator<EngineRecords | OutputGap> {
    let isWhole = false;
    try {
      yield* read(log, options, previous);
      isWhole = true;
    } catch (thrown) {
      isWhole = statusOf(thrown) === 404; // removed: it has ended
      if (!signal.aborted && !isWhole) throw fail(thrown);
    } finally {
      if (!isWhole) left.abort();
    }
  }
  return {
    id: Id,
    name,
    image: Config.Image,
    tty: Config.Tty,
    notices: [log.limits, previous?.doubt ?? ""].filter((notice) => notice !== ""),
    output: output(),
    async result() {
      if (options.previous) return undefined;
      try {
        const { State } = await engine.docker.getContainer(Id).inspect({ abortSignal: signal } as object);
        return !isDown(State) || State.Status === "created" ? undefined : toRunResult(State);
      } catch (thrown) {
        if (statusOf(thrown) === 404) return await ended;
        throw fail(thrown);
      } finally {
        left.abort();
      }
    },
  };
}

function read(
  log: EngineLog,
  { tail, since, follow, signal }: MonitorContainersOptions,
  previous: PreviousRun | undefined,
): AsyncIterable<EngineRecords | OutputGap> {
  if (previous === undefined) {
    const query: EngineLogQuery = {
      follow,
      ...(since === undefined ? tail !== "all" && { tail } : { since }),
    };
    return log.read(query, signal);
  }
  const { after, until } = previous;
  // Later than: a stamp is never the time of an event, which comes behind what it ends.
  const from = after !== undefined && (since === undefined || isLater(after, since)) ? after : since;
  const query: EngineLogQuery = { follow: false, since: from };
  if (tail === "all" || since !== undefined) return untilTime(log.read(query, signal), until);
  return tailOfRun(log, query, until, tail, signal);
}

/**
 * Asks for the exit before a container that is removed at its end (`docker run --rm`) ends: afterwards nobody can.
 */
function exitOfRemoved(
  engine: Engine,
  { Id, HostConfig, State }: ContainerInspectInfo,
  abortSignal: AbortSignal,
): Promise<RunResult | undefined> | undefined {
  if (!HostConfig.AutoRemove || isDown(State)) return undefined;
  const waited = engine.docker.getContainer(Id).wait({ condition: "removed", abortSignal });
  return waited.then(
    ({ StatusCode }) => toRunResult({ ...State, ExitCode: StatusCode, FinishedAt: new Date().toISOString() }),
    () => undefined,
  );
}
