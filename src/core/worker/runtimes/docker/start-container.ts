// A container of a task, from create over attach to start. An engine may go away between any two of these, or in the
// middle of one: then nobody knows how far it came, and what is there stays until the engine can be asked. The next call
// for the same task meets it by its name. A container that was never started is made anew; one that was is handed back,
// because its command must not run twice. Nothing is remembered between the two calls but by the engine.
import type { Container, ContainerCreateOptions } from "dockerode";
import type { TasklogError } from "../../../errors.ts";
import type { OutputChunk } from "../runtime.ts";
import { attachOutput } from "./attach-output.ts";
import { LABEL_TASK, LABEL_WORKER } from "./container-options.ts";
import { type Engine, engineVersion } from "./engine.ts";
import { engineGone, fromStart, statusOf } from "./engine-errors.ts";

export type StartedContainer =
  /** Attached before it was started. */
  | { container: Container; output: AsyncIterable<OutputChunk> }
  /** An earlier call had started it: its output is to be read from its log. */
  | { container: Container; output: undefined };

/** `signal` ends the output. Throws as TaskRuntime.start does. */
export async function startContainer(
  engine: Engine,
  options: ContainerCreateOptions,
  signal: AbortSignal,
): Promise<StartedContainer> {
  let created: Container | undefined;
  try {
    const left = await createOrFind(engine, options);
    if (left.wasStarted) return { container: left.container, output: undefined };
    created = left.container;
    const output = await attachOutput(created, options.Tty ?? false, signal);
    await created.start();
    return { container: created, output };
  } catch (thrown) {
    const error = await whyNotStarted(engine, options.Image ?? "", thrown);
    // After "unavailable" it may run by now: whoever removed it and tried again would run the command twice.
    if (error.code !== "unavailable") await created?.remove({ force: true, v: true }).catch(() => {});
    throw error;
  }
}

/** The container of this name that carries the same task and worker; undefined: there is none. Throws what dockerode throws. */
export async function findLeftOver(
  engine: Engine,
  taskId: string,
  workerId: string,
): Promise<{ container: Container; wasStarted: boolean } | undefined> {
  try {
    const { Id, Config, State } = await engine.docker.getContainer(taskId).inspect();
    if (Config.Labels[LABEL_TASK] !== taskId || Config.Labels[LABEL_WORKER] !== workerId) return undefined;
    return { container: engine.docker.getContainer(Id), wasStarted: State.Status !== "created" };
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}

async function createOrFind(engine: Engine, options: ContainerCreateOptions) {
  try {
    return { container: await engine.docker.createContainer(options), wasStarted: false };
  } catch (thrown) {
    if (statusOf(thrown) !== 409) throw thrown;
    const left = await findLeftOver(engine, options.name ?? "", options.Labels?.[LABEL_WORKER] ?? "");
    if (left === undefined) throw thrown;
    if (left.wasStarted) return left;
    await left.container.remove({ force: true, v: true });
    return { container: await engine.docker.createContainer(options), wasStarted: false };
  }
}

/** An engine that is going down refuses with reasons of its own: it is asked whether it is there still. */
async function whyNotStarted(engine: Engine, image: string, thrown: unknown): Promise<TasklogError> {
  if ((statusOf(thrown) ?? 0) < 500) return fromStart(engine.address, image, thrown);
  try {
    await engineVersion(engine);
  } catch {
    return engineGone(engine.address, thrown);
  }
  return fromStart(engine.address, image, thrown);
}
