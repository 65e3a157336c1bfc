// Tasks as containers of a Docker engine. A container is created, attached, then started, and stays until the executor
// removes it after the last byte. State is kept nowhere but in the engine: containers are found again by their labels.
import type { Container, ContainerInspectInfo } from "dockerode";
import { TasklogError } from "../../../errors.ts";
import type { Progress } from "../../../log/log-item.ts";
import type { Logger } from "../../../logger.ts";
import type { TaskSpec } from "../../../rpc/gen/tasklog/v1/task.ts";
import type { FoundRun, OutputChunk, OutputGap, Run, Taken, TaskRuntime } from "../runtime.ts";
import { attachOutput } from "./attach-output.ts";
import {
  fromSpecLabel,
  LABEL_SPEC,
  LABEL_TASK,
  LABEL_USER,
  LABEL_WORKER,
  toContainerOptions,
} from "./container-options.ts";
import { ContainerRun } from "./container-run.ts";
import { createEngine, type Engine, engineVersion } from "./engine.ts";
import { fromEngine, fromStart, statusOf } from "./engine-errors.ts";
import { pullImage } from "./pull-image.ts";
import { takeOver } from "./takeover/take-over.ts";

export interface DockerRuntimeOptions {
  /** DOCKER_HOST form; absent: DOCKER_HOST, the current docker context, or the usual socket. */
  host?: string;
  workerId: string;
  logger: Logger;
}

/** Opens nothing yet. Throws "usage" for an address that is none. */
export function createDockerRuntime({ host, workerId, logger }: DockerRuntimeOptions): TaskRuntime {
  return new DockerRuntime(createEngine(host), workerId, logger);
}

class DockerRuntime implements TaskRuntime {
  readonly name = "docker";
  readonly #engine: Engine;
  readonly #workerId: string;
  readonly #logger: Logger;
  /** Tasks whose containers are just being created: not left over by anybody. */
  readonly #starting = new Set<string>();
  /** When the engine broke off the output of a container, in ms of the Unix epoch, until the run is opened again. */
  readonly #cutMs = new Map<string, number>();

  constructor(engine: Engine, workerId: string, logger: Logger) {
    this.#engine = engine;
    this.#workerId = workerId;
    this.#logger = logger;
  }

  async version(): Promise<string> {
    return `docker ${await this.#ask("the engine does not tell its version", () => engineVersion(this.#engine))}`;
  }

  prepare(spec: TaskSpec, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<void> {
    return pullImage(this.#engine, spec.image, spec.pull, onProgress, signal);
  }

  async start(taskId: string, spec: TaskSpec, userId?: string): Promise<Run> {
    const detaching = new AbortController();
    let container: Container | undefined;
    this.#starting.add(taskId);
    try {
      const options = toContainerOptions(taskId, this.#workerId, spec, userId);
      container = await this.#engine.docker.createContainer(options);
      const output = await attachOutput(container, spec.tty, detaching.signal);
      await container.start();
      return this.#runOf(container, output, detaching);
    } catch (thrown) {
      detaching.abort();
      if (container !== undefined) await this.remove(container.id).catch(() => {});
      throw fromStart(this.#engine.address, spec.image, thrown);
    } finally {
      this.#starting.delete(taskId);
    }
  }

  /** Removes, on the way, containers that were created and never started: their worker ended between the two. */
  async find(): Promise<FoundRun[]> {
    const listed = await this.#ask("the engine does not list its containers", () =>
      this.#engine.docker.listContainers({
        all: true,
        filters: { label: [`${LABEL_WORKER}=${this.#workerId}`] },
      }),
    );
    const found: FoundRun[] = [];
    for (const { Id, Labels, State } of listed) {
      const taskId = Labels[LABEL_TASK] ?? "";
      if (State === "removing" || this.#starting.has(taskId)) continue;
      if (State === "created") await this.remove(Id);
      else {
        found.push({
          taskId,
          handle: Id,
          running: State !== "exited" && State !== "dead",
          spec: fromSpecLabel(Labels[LABEL_SPEC]),
          userId: Labels[LABEL_USER],
        });
      }
    }
    return found;
  }

  async reopen(handle: string, taken: Taken): Promise<Run> {
    const container = this.#engine.docker.getContainer(handle);
    const info = await this.#ask(`container ${handle.slice(0, 12)} cannot be read`, () =>
      container.inspect(),
    );
    if (info.State.Status === "created") {
      throw new TasklogError("not_found", `container ${handle.slice(0, 12)} was never started`);
    }
    const detaching = new AbortController();
    const output = this.#outputBehind(container, info, taken, detaching.signal);
    return this.#runOf(container, output, detaching);
  }

  #runOf(
    container: Container,
    output: AsyncIterable<OutputChunk | OutputGap>,
    detaching: AbortController,
  ): ContainerRun {
    const onCut = (ms: number): unknown => this.#cutMs.set(container.id, ms);
    return new ContainerRun(this.#engine, container, output, detaching, onCut);
  }

  async remove(handle: string): Promise<void> {
    try {
      await this.#engine.docker.getContainer(handle).remove({ force: true, v: true });
    } catch (thrown) {
      // Gone already, or somebody is removing it just now.
      if (statusOf(thrown) === 404 || statusOf(thrown) === 409) return;
      throw fromEngine(this.#engine.address, `container ${handle.slice(0, 12)} cannot be removed`, thrown);
    }
  }

  async *#outputBehind(
    container: Container,
    info: ContainerInspectInfo,
    taken: Taken,
    signal: AbortSignal,
  ): AsyncGenerator<OutputChunk | OutputGap> {
    const cutMs = this.#cutMs.get(container.id);
    this.#cutMs.delete(container.id);
    try {
      for await (const item of takeOver(container, info, { ...taken, cutMs }, signal)) {
        if ("missing" in item) {
          this.#logger.warn(`lines of ${container.id.slice(0, 12)} may be missing: ${item.missing.reason}`);
        }
        yield item;
      }
    } catch (thrown) {
      if (cutMs !== undefined) this.#cutMs.set(container.id, cutMs);
      throw fromEngine(
        this.#engine.address,
        `the log of ${container.id.slice(0, 12)} cannot be read`,
        thrown,
      );
    }
  }

  async #ask<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (thrown) {
      throw fromEngine(this.#engine.address, what, thrown);
    }
  }
}
