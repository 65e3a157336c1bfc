// Tasks as containers of a Docker engine. A container is created, attached, then started, and stays until the executor
// removes it after the last byte. State is kept nowhere but in the engine: containers are found again by their labels.
import { TasklogError } from "../../../base/errors.ts";
import type { Logger } from "../../../base/logger.ts";
import {
  type Container,
  type ContainerInspectInfo,
  createEngine,
  type Engine,
  engineVersion,
} from "../../../engine/client/engine.ts";
import { answered, fromEngine, statusOf } from "../../../engine/client/engine-errors.ts";
import {
  specLabel,
  taskLabel,
  toContainerOptions,
  userLabel,
  workerLabel,
} from "../../../engine/containers/container-options.ts";
import { findLeftOver, startContainer, wasStarted } from "../../../engine/containers/start-container.ts";
import { pullImage } from "../../../engine/images/pull-image.ts";
import type { OutputChunk, OutputGap, Taken } from "../../../engine/output.ts";
import { AwakeClock } from "../../../engine/takeover/awake-clock.ts";
import { CutNotes, type Notes } from "../../../engine/takeover/cut-notes.ts";
import type { Cut } from "../../../engine/takeover/engine-cut.ts";
import { type Breakage, OutputPulse } from "../../../engine/takeover/output-pulse.ts";
import { takeOver } from "../../../engine/takeover/take-over.ts";
import type { Progress } from "../../../log/log-item.ts";
import type { TaskSpec } from "../../../rpc/gen/tasklog/v1/task.ts";
import type { FoundRun, Run, TaskRuntime } from "../runtime.ts";
import { ContainerRun } from "./container-run.ts";
import { fromSpecLabel, toSpecLabel } from "./spec-label.ts";

export interface DockerRuntimeOptions {
  /** DOCKER_HOST form; absent: DOCKER_HOST, the current docker context, or the usual socket. */
  host?: string;
  workerId: string;
  logger: Logger;
  /** The engine has answered to this worker before it was started anew. */
  hasAnswered?: boolean;
  /** What it has to remember of its engine beyond its own end. */
  notes?: Notes;
}

/** Opens nothing yet. Throws "usage" for an address that is none. */
export function createDockerRuntime(options: DockerRuntimeOptions): TaskRuntime {
  return new DockerRuntime(createEngine(options.host), options);
}

/** Of a run that nobody has read. */
const nothingTaken: Taken = {
  stdout: 0,
  stderr: 0,
  lastSeq: () => 0,
  lastStamp: undefined,
  isExact: true,
  lastLines: async () => [],
};

class DockerRuntime implements TaskRuntime {
  readonly name = "docker";
  #hasAnswered: boolean;
  readonly #engine: Engine;
  readonly #workerId: string;
  readonly #logger: Logger;
  /** Tasks whose containers are just being created: not left over by anybody. */
  readonly #starting = new Set<string>();
  readonly #clock = AwakeClock.ticking();
  /** Where the start of a task was broken off first: it may run since, and nobody reads it. */
  readonly #brokenStarts = new Map<string, Breakage>();
  readonly #pulses = new Map<string, OutputPulse>();
  /** Of containers whose output the engine broke off, until what that has cost is told. */
  readonly #cuts = new Map<string, Cut>();
  readonly #notes: CutNotes;

  constructor(engine: Engine, { workerId, logger, hasAnswered = false, notes }: DockerRuntimeOptions) {
    this.#notes = new CutNotes(notes);
    this.#engine = engine;
    this.#hasAnswered = hasAnswered;
    this.#workerId = workerId;
    this.#logger = logger;
  }

  async version(): Promise<string> {
    return `docker ${await this.#ask("the engine does not tell its version", () => engineVersion(this.#engine))}`;
  }

  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  async prepare(
    spec: TaskSpec,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await pullImage(this.#engine, spec.image, spec.pull, onProgress, signal);
    this.#hasAnswered = true;
  }

  async start(taskId: string, spec: TaskSpec, userId?: string): Promise<Run> {
    const detaching = new AbortController();
    this.#starting.add(taskId);
    try {
      const options = toContainerOptions(spec, {
        taskId,
        workerId: this.#workerId,
        userId,
        specText: toSpecLabel(spec),
      });
      const { container, output } = await startContainer(this.#engine, options, detaching.signal);
      this.#hasAnswered = true;
      if (output !== undefined) return this.#runOf(container, output, detaching);
      const broken = this.#brokenStarts.get(taskId);
      if (broken !== undefined) this.#onCut(container.id, broken);
      this.#brokenStarts.delete(taskId);
      return await this.reopen(container.id, nothingTaken);
    } catch (thrown) {
      detaching.abort();
      if (!this.#brokenStarts.has(taskId)) {
        this.#brokenStarts.set(taskId, new OutputPulse(this.#clock).broken());
      }
      throw thrown;
    } finally {
      this.#starting.delete(taskId);
    }
  }

  async discard(taskId: string): Promise<void> {
    this.#brokenStarts.delete(taskId);
    const left = await this.#ask(`what is left of ${taskId} cannot be looked up`, () =>
      findLeftOver(this.#engine, taskId, this.#workerId),
    );
    if (left !== undefined) await this.remove(left.container.id);
  }

  async find(): Promise<FoundRun[]> {
    const listed = await this.#ask("the engine does not list its containers", () =>
      this.#engine.docker.listContainers({
        all: true,
        filters: { label: [`${workerLabel}=${this.#workerId}`] },
      }),
    );
    const found: FoundRun[] = [];
    for (const { Id, Labels, State } of listed) {
      const taskId = Labels[taskLabel] ?? "";
      if (State === "removing" || this.#starting.has(taskId)) continue;
      found.push({
        taskId,
        handle: Id,
        wasStarted: State !== "created",
        running: !["created", "exited", "dead"].includes(State),
        spec: fromSpecLabel(Labels[specLabel]),
        userId: Labels[userLabel],
      });
    }
    return found;
  }

  async reopen(handle: string, taken: Taken): Promise<Run> {
    const container = this.#engine.docker.getContainer(handle);
    const what = `container ${handle.slice(0, 12)} cannot be read`;
    const info = await this.#ask(what, () => container.inspect());
    if (info.State.Status === "created" && !(await this.#ask(what, () => wasStarted(container, info)))) {
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
    const pulse = this.#pulses.get(container.id) ?? new OutputPulse(this.#clock);
    this.#pulses.set(container.id, pulse);
    const onCut = (breakage: Breakage): void => this.#onCut(container.id, breakage);
    return new ContainerRun(this.#engine, container, output, detaching, pulse, onCut);
  }

  /** One that is not told yet stands for both: the engine that answered in between need not be the one that answers next. */
  #onCut(handle: string, breakage: Breakage): void {
    const before = this.#cuts.get(handle);
    if (before === undefined || before.isTold) {
      const cut = { ...breakage, memory: undefined, isTold: false };
      this.#cuts.set(handle, cut);
      this.#notes.save(handle, cut);
    } else if (before.memory?.wasAttached) before.memory = undefined;
  }

  async remove(handle: string): Promise<void> {
    this.#cuts.delete(handle);
    this.#pulses.delete(handle);
    this.#notes.forget(handle);
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
    const cut = this.#cuts.get(container.id) ?? this.#notes.load(container.id, taken);
    if (cut !== undefined) this.#cuts.set(container.id, cut);
    const onLearned = (learned: Cut): void => this.#notes.save(container.id, learned);
    try {
      for await (const item of takeOver(container, info, { ...taken, cut, onLearned }, signal)) {
        if ("missing" in item) {
          this.#logger.warn(`lines of ${container.id.slice(0, 12)} may be missing: ${item.missing.reason}`);
        }
        yield item;
      }
    } catch (thrown) {
      throw fromEngine(
        this.#engine.address,
        `the log of ${container.id.slice(0, 12)} cannot be read`,
        thrown,
      );
    }
  }

  async #ask<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      const answer = await call();
      this.#hasAnswered = true;
      return answer;
    } catch (thrown) {
      this.#hasAnswered ||= answered(thrown);
      throw fromEngine(this.#engine.address, what, thrown);
    }
  }
}
