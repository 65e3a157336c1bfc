// Which containers a person means: by name, id or the beginning of an id as the engine knows them, else by what Compose
// calls them, `project/service` or only `service`, which may be several: without what `compose run` has started beside it.
import { TasklogError } from "../../base/errors.ts";
import type { ContainerInspectInfo, Engine } from "../../engine/client/engine.ts";
import { fromEngine, statusOf } from "../../engine/client/engine-errors.ts";
import {
  composeProjectLabel,
  composeServiceLabel,
  isOneOff,
} from "../../engine/containers/compose-labels.ts";

/** Each once, in the order named. Throws TasklogError `not_found`, `ambiguous` (the beginning of several ids), `unavailable`. */
export async function findContainers(
  engine: Engine,
  names: readonly string[],
): Promise<ContainerInspectInfo[]> {
  const found = new Map<string, ContainerInspectInfo>();
  for (const name of names) {
    for (const info of await namedContainers(engine, name)) found.set(info.Id, info);
  }
  return [...found.values()];
}

async function namedContainers(engine: Engine, name: string): Promise<ContainerInspectInfo[]> {
  try {
    const info = await inspect(engine, name);
    if (info !== undefined) return [info];
    const infos = await Promise.all((await composed(engine, name)).map((id) => inspect(engine, id)));
    const found = infos.filter((one) => one !== undefined);
    if (found.length > 0) return found;
  } catch (thrown) {
    if (statusOf(thrown) === 400) {
      throw new TasklogError("ambiguous", `several containers have an id that begins with "${name}"`, {
        cause: thrown,
      });
    }
    throw fromEngine(engine.address, `container "${name}" cannot be read`, thrown);
  }
  throw new TasklogError(
    "not_found",
    `there is no container "${name}" on the engine at ${engine.address.host}`,
  );
}

async function inspect({ docker }: Engine, nameOrId: string): Promise<ContainerInspectInfo | undefined> {
  // A slash would be part of the URL's path.
  if (nameOrId.includes("/")) return undefined;
  try {
    return await docker.getContainer(nameOrId).inspect();
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}

/** Ids, in the order of the containers' names. */
async function composed({ docker }: Engine, name: string): Promise<string[]> {
  const slash = name.indexOf("/");
  const label = [`${composeServiceLabel}=${name.slice(slash + 1)}`];
  if (slash !== -1) label.push(`${composeProjectLabel}=${name.slice(0, slash)}`);
  const listed = await docker.listContainers({ all: true, filters: { label } });
  return listed
    .filter(({ Labels }) => !isOneOff(Labels))
    .sort((one, other) => (one.Names[0] ?? "").localeCompare(other.Names[0] ?? "", "en", { numeric: true }))
    .map(({ Id }) => Id);
}
