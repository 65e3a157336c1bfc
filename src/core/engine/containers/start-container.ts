// A container of a task, from create over attach to start. An engine may go away between any two of these, or in the
// middle of one: then nobody knows how far it came, and what is there stays until the engine can be asked. The next call
// for the same task meets it by its name. A container that was started is handed back, because its command must not run
// twice. One that was not is started itself, not made anew: an earlier call, of a worker that was killed perhaps, may be
// starting it just now, and the engine lets only one of the two do that. One that has printed was started, whatever the
// engine says: one that was killed may have lost track of it. Nothing is remembered between the two calls but by the
// engine.
import type { Container, ContainerCreateOptions, ContainerInspectInfo } from "dockerode";
import type { TasklogError } from "../../base/errors.ts";
import { type Engine, engineVersion } from "../client/engine.ts";
import { answered, engineGone, fromStart, isGoingDown, statusOf } from "../client/engine-errors.ts";
import type { OutputChunk } from "../output.ts";
import { readLogs } from "../sources/container-logs.ts";
import { attachOutput } from "./attach-output.ts";
import { taskLabel, workerLabel } from "./container-options.ts";

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
  let isLeftOver = false;
  try {
    const found = await createOrFind(engine, options);
    const { container } = found;
    if (found.wasStarted) return { container, output: undefined };
    created = container;
    isLeftOver = found.isLeftOver;
    const attaching = new AbortController();
    const output = await attachOutput(
      container,
      options.Tty ?? false,
      AbortSignal.any([signal, attaching.signal]),
    );
    // Started by an earlier call, it may even have ended by now, and would be started again.
    const isOurs =
      !(isLeftOver && (await wasStarted(container, await container.inspect()))) &&
      (await startNow(container));
    if (isOurs) {
      resizeTerminal(container, options);
      return { container, output };
    }
    attaching.abort();
    return { container, output: undefined };
  } catch (thrown) {
    const error = await whyNotStarted(engine, options.Image ?? "", thrown);
    // After "unavailable" it may run by now: whoever removed it and tried again would run the command twice.
    if (error.code === "unavailable") throw error;
    const isRemoved = await created?.remove({ force: true, v: true }).then(
      () => true,
      () => false,
    );
    // An engine that was killed meanwhile may have left half of it, which cannot be started.
    if (isLeftOver && isRemoved) return await startContainer(engine, options, signal);
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
    const info = await engine.docker.getContainer(taskId).inspect();
    const { Labels } = info.Config;
    if (Labels[taskLabel] !== taskId || Labels[workerLabel] !== workerId) return undefined;
    const container = engine.docker.getContainer(info.Id);
    return { container, wasStarted: await wasStarted(container, info) };
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw thrown;
  }
}

async function createOrFind(engine: Engine, options: ContainerCreateOptions) {
  try {
    const { name, platform, ...body } = options;
    // dockerode would put all of it into the URL, too, which proxies and engines write into their logs.
    const request = { _query: { name, ...(platform !== undefined && { platform }) }, _body: body };
    const container = await engine.docker.createContainer(request as ContainerCreateOptions);
    return { container, wasStarted: false, isLeftOver: false };
  } catch (thrown) {
    if (statusOf(thrown) !== 409) throw thrown;
    const left = await findLeftOver(engine, options.name ?? "", options.Labels?.[workerLabel] ?? "");
    if (left === undefined) throw thrown;
    return { ...left, isLeftOver: true };
  }
}

/**
 * Returns true as far as anybody can tell. `info`: its inspect, which the engine answers when no start is under way. Throws what dockerode
 * throws.
 */
export async function wasStarted(
  container: Container,
  { State, Config }: ContainerInspectInfo,
): Promise<boolean> {
  if (State.Status !== "created") return true;
  try {
    const records = readLogs(container, Config.Tty, { follow: false, tail: 1 }, new AbortController().signal);
    return (await records.next()).done !== true;
  } catch (thrown) {
    if (answered(thrown)) return false; // its log driver keeps nothing that can be read
    throw thrown;
  }
}

/** True if this call has started it, and no earlier one. */
async function startNow(container: Container): Promise<boolean> {
  try {
    await container.start();
    return true;
  } catch (thrown) {
    if (statusOf(thrown) === 304) return false;
    throw thrown;
  }
}

/** Engines before 23.0 take no size with the creation. A task that has ended by now has no use for one. */
function resizeTerminal(container: Container, { HostConfig }: ContainerCreateOptions): void {
  const [h, w] = HostConfig?.ConsoleSize ?? [];
  if (h !== undefined && w !== undefined) container.resize({ h, w }).catch(() => {});
}

/** An engine that is going down refuses with reasons of its own: it is asked whether it is there still. */
async function whyNotStarted(engine: Engine, image: string, thrown: unknown): Promise<TasklogError> {
  if ((statusOf(thrown) ?? 0) < 500) return fromStart(engine.address, image, thrown);
  if (isGoingDown(thrown)) return engineGone(engine.address, thrown);
  try {
    await engineVersion(engine);
  } catch {
    return engineGone(engine.address, thrown);
  }
  return fromStart(engine.address, image, thrown);
}
