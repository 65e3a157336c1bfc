// The facts of a container that its reader needs, as the engine has them now: a few facts instead of the engine's
// hundreds. Values of the environment are not among them: they may be secrets.

import type { ContainerInspectInfo } from "dockerode";
import { parseStamp, type Stamp } from "../../base/stamp.ts";
import type { Engine } from "../client/engine.ts";
import { fromEngine, statusOf } from "../client/engine-errors.ts";
import type { RunResult } from "../output.ts";
import { isRunning } from "./container-end.ts";
import { toRunResult } from "./run-result.ts";

export interface ContainerFacts {
  id: string;
  /** The name without the slash. */
  name: string;
  image: string;
  entrypoint: string[];
  command: string[];
  tty: boolean;
  labels: Record<string, string>;
  running: boolean;
  /** RFC 3339 with nanoseconds, as the engine tells it: names the run that is, or was last. Empty: never started. */
  startedAt: string;
  /** The end of that run, or while it runs, of the one before it; undefined if there was none. */
  finished: Stamp | undefined;
  /** The end of the last run; it means nothing while the container runs. */
  result: RunResult;
}

export interface ListedContainer {
  id: string;
  name: string;
  labels: Record<string, string>;
}

/** All containers, with those that do not run. Throws TasklogError "unavailable". */
export async function listContainers({ docker, address }: Engine): Promise<ListedContainer[]> {
  try {
    const listed = await docker.listContainers({ all: true });
    return listed.map(({ Id, Names, Labels }) => ({
      id: Id,
      // Links give a container further names, below those of others.
      name: (Names.find((name) => name.lastIndexOf("/") === 0) ?? "").slice(1),
      labels: Labels ?? {},
    }));
  } catch (thrown) {
    throw fromEngine(address, "the engine does not list its containers", thrown);
  }
}

/** undefined: there is no such container. Throws TasklogError "unavailable". */
export async function inspectContainer(
  { docker, address }: Engine,
  id: string,
): Promise<ContainerFacts | undefined> {
  try {
    return toFacts(await docker.getContainer(id).inspect());
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw fromEngine(address, `container ${id.slice(0, 12)} cannot be looked at`, thrown);
  }
}

function toFacts({ Id, Name, Config, State }: ContainerInspectInfo): ContainerFacts {
  return {
    id: Id,
    name: Name.replace(/^\//, ""),
    image: Config.Image,
    entrypoint: wordsOf(Config.Entrypoint),
    command: wordsOf(Config.Cmd),
    tty: Config.Tty,
    labels: Config.Labels ?? {},
    // Between two runs the engine counts it as running, too.
    running: isRunning(State),
    startedAt: parseStamp(State.StartedAt) === undefined ? "" : State.StartedAt,
    finished: parseStamp(State.FinishedAt),
    result: toRunResult(State),
  };
}

/** The engine gives one word as text or as a list, and none as null. */
function wordsOf(words: string | string[] | null | undefined): string[] {
  return typeof words === "string" ? [words] : (words ?? []);
}
