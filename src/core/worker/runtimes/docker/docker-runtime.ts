// Tasks as containers of a Docker engine. A container is created, attached, then started, and stays until the executor
// removes it after the last byte. State is kept nowhere but in the engine: containers are found again by their labels.
import type { Container } from "dockerode";
import { TasklogError } from "../../../errors.ts";
import type { Progress } from "../../../log/log-item.ts";
import type { Logger } from "../../../logger.ts";
import type { TaskSpec } from "../../../rpc/gen/tasklog/v1/task.ts";
import type { FoundRun, OutputChunk, Run, Taken, TaskRuntime } from "../runtime.ts";
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
import { createEngine, type Engine } from "./engine.ts";
import { engineMessage, fromEngine, fromStart, statusOf } from "./engine-errors.ts";
import { followLogs } from "./follow-logs.ts";
import { pullImage } from "./pull-image.ts";
import { skipLines } from "./skip-lines.ts";

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

  constructor(engine: Engine, workerId: string, logger: Logger) {
    this.#engine = engine;
    this.#workerId = workerId;
    this.#logger = logger;
  }

  async version(): Promise<string> {
    const answer = await this.#ask("the engine does not tell its version", () =>
      this.#engine.docker.version(),
    );
    return `docker ${answer.Version}`;
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
      return new ContainerRun(this.#engine, container, output, detaching);
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
    const { State, HostConfig } = await this.#ask(`container ${handle.slice(0, 12)} cannot be read`, () =>
      container.inspect(),
    );
    if (State.Status === "created") {
      throw new TasklogError("not_found", `container ${handle.slice(0, 12)} was never started`);
    }
    if (HostConfig.LogConfig?.Config?.["max-size"]) {
      this.#logger.warn(
        `the engine's log of ${handle.slice(0, 12)} rotates: lines may be missing that were printed while this worker was away`,
      );
    }
    const detaching = new AbortController();
    const logs = this.#logsOf(container, detaching.signal);
    return new ContainerRun(this.#engine, container, skipLines(logs, taken), detaching);
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

  async *#logsOf(container: Container, signal: AbortSignal): AsyncGenerator<OutputChunk> {
    try {
      yield* followLogs(container, { follow: true }, signal);
    } catch (thrown) {
      if (statusOf(thrown) !== undefined && /does not support reading/.test(engineMessage(thrown))) {
        throw new TasklogError(
          "not_found",
          `the engine keeps no log of container ${container.id.slice(0, 12)} (its log driver cannot be read)`,
          { cause: thrown },
        );
      }
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
