// Tasks as containers of a Docker engine. A container is created, attached, then started, and stays until the executor
// removes it after the last byte. State is kept nowhere but in the engine: containers are found again by their labels.
import { TasklogError } from "../../../base/errors.ts";
import { engineLogBytesMaxDefault } from "../../../base/limits.ts";
import type { Logger } from "../../../base/logger.ts";
import {
  type Container,
  type ContainerInspectInfo,
  createEngine,
  type Engine,
  engineVersion,
} from "../../../engine/client/engine.ts";
import { answered, fromEngine, statusOf } from "../../../engine/client/engine-errors.ts";
import { engineTrace } from "../../../engine/client/engine-trace.ts";
import {
  specLabel,
  taskLabel,
  toContainerOptions,
  userLabel,
  workerLabel,
} from "../../../engine/containers/container-options.ts";
import { logLimits, OwnLog } from "../../../engine/containers/own-log.ts";
import { findLeftOver, startContainer, wasStarted } from "../../../engine/containers/start-container.ts";
import { logFilesOf, mayRotate } from "../../../engine/files/log-files.ts";
import { pullImage } from "../../../engine/images/pull-image.ts";
import type { OutputItem, Taken } from "../../../engine/output.ts";
import type { Notes } from "../../../engine/sources/notes.ts";
import { ReadingPlaces } from "../../../engine/sources/reading-places.ts";
import { AwakeClock } from "../../../engine/takeover/awake-clock.ts";
import { CutNotes } from "../../../engine/takeover/cut-notes.ts";
import type { Cut } from "../../../engine/takeover/engine-cut.ts";
import { LogEndWatch } from "../../../engine/takeover/log-end-watch.ts";
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
  /** The engine's log of a container takes so many bytes at most, and is emptied then. */
  engineLogBytesMax?: number | undefined;
  /** The notes about its engine that outlive the runtime. */
  notes?: Notes;
}

/** Opens nothing yet. Throws "usage" for an address that is none. */
export function createDockerRuntime(options: DockerRuntimeOptions): TaskRuntime {
  return new DockerRuntime(createEngine(options.host), options);
}

/** The place of a reader that keeps nothing. */
const nothingTaken: Taken = {
  stdout: 0,
  stderr: 0,
  lastSeq: () => 0,
  lastStamp: undefined,
  isExact: true,
  lastLines: async () => [],
};

/** Notes that end with this process. */
class Memory extends Map<string, unknown> implements Notes {
  note(key: string, value: unknown): void {
    this.set(key, structuredClone(value));
  }

  noted(key: string): unknown {
    return structuredClone(this.get(key));
  }

  forget(key: string): void {
    this.delete(key);
  }
}

class DockerRuntime implements TaskRuntime {
  readonly name = "docker";
  #hasAnswered: boolean;
  readonly #engine: Engine;
  readonly #workerId: string;
  readonly #logger: Logger;
  /** Tasks whose containers are just being created: not left over by anybody. */
  readonly #starting = new Set<string>();
  readonly #clock = AwakeClock.ticking();
  /** The first break in the start of each task: it may run since, and nobody reads it. */
  readonly #brokenStarts = new Map<string, Breakage>();
  readonly #pulses = new Map<string, OutputPulse>();
  /** Containers that this process has read. */
  readonly #hasRead = new Set<string>();
  /** The breaks of containers whose output the engine broke off, until their cost has been reported. */
  readonly #cuts = new Map<string, Cut>();
  readonly #notes: Notes;
  readonly #ownLog: OwnLog;
  readonly #cutNotes: CutNotes;
  /** The log files that only grow, by their containers. */
  readonly #logPaths = new Map<string, string>();
  readonly #endWatches = new Map<string, LogEndWatch>();
  /** Containers of others that bear our labels, by id. */
  readonly #strangers = new Set<string>();

  constructor(engine: Engine, options: DockerRuntimeOptions) {
    const { workerId, logger, hasAnswered = false, notes = new Memory() } = options;
    this.#notes = notes;
    this.#ownLog = new OwnLog(engine, options.engineLogBytesMax ?? engineLogBytesMaxDefault);
    this.#cutNotes = new CutNotes(notes);
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

  async start(taskId: string, spec: TaskSpec, userId?: string, taken?: Taken): Promise<Run> {
    const detaching = new AbortController();
    this.#starting.add(taskId);
    try {
      const owner = { taskId, workerId: this.#workerId, userId, specText: toSpecLabel(spec) };
      const { driver, config } = await this.#ask("the engine does not tell its log driver", () =>
        this.#ownLog.choose(),
      );
      const options = toContainerOptions(spec, owner, config);
      const { container, output } = await startContainer(this.#engine, options, detaching.signal);
      this.#hasAnswered = true;
      if (output !== undefined) {
        this.#isReadFrom(container.id);
        // Nothing hangs on it: without it, the end of an engine is found by its clock.
        container.inspect().then(
          (info) => this.#learnLogPath(info),
          () => {},
        );
        return this.#runOf(container, output, detaching, logLimits(driver));
      }
      const broken = this.#brokenStarts.get(taskId);
      if (broken !== undefined) this.#onCut(container.id, broken);
      this.#brokenStarts.delete(taskId);
      return await this.reopen(container.id, taken ?? nothingTaken);
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
    for (const { Id, Names, Labels, State } of listed) {
      const taskId = Labels[taskLabel] ?? "";
      if (State === "removing" || this.#starting.has(taskId)) continue;
      // Labels prove nothing: an image that was made of a task's container hands them on to everything that is run from it.
      if (!Names.includes(`/${taskId}`)) {
        this.#warnOfStranger(Id, Names[0] ?? "", taskId);
        continue;
      }
      found.push({
        taskId,
        handle: Id,
        wasStarted: State !== "created",
        running: !["created", "exited", "dead"].includes(State),
        spec: fromSpecLabel(Labels[specLabel], Labels),
        userId: Labels[userLabel],
      });
    }
    return found;
  }

  /** Once for each: it is found again with every start of the worker and of the engine. */
  #warnOfStranger(id: string, name: string, taskId: string): void {
    if (this.#strangers.has(id)) return;
    this.#strangers.add(id);
    this.#logger.warn(
      `container ${name.slice(1)} (${id.slice(0, 12)}) bears the labels of ${taskId} and is not its container: it is left alone`,
    );
  }

  async reopen(handle: string, taken: Taken): Promise<Run> {
    const container = this.#engine.docker.getContainer(handle);
    const what = `container ${handle.slice(0, 12)} cannot be read`;
    const info = await this.#ask(what, () => container.inspect());
    if (info.State.Status === "created" && !(await this.#ask(what, () => wasStarted(container, info)))) {
      throw new TasklogError("not_found", `container ${handle.slice(0, 12)} was never started`);
    }
    const detaching = new AbortController();
    const gone = new AbortController();
    const leaving = AbortSignal.any([detaching.signal, gone.signal]);
    const output = this.#outputBehind(container, info, taken, leaving);
    return this.#runOf(container, output, detaching, logLimits(logFilesOf(info).driver), () => gone.abort());
  }

  #runOf(
    container: Container,
    output: AsyncIterable<OutputItem>,
    detaching: AbortController,
    limits: string,
    onGone = (): void => {},
  ): ContainerRun {
    const pulse = this.#pulses.get(container.id) ?? new OutputPulse(this.#clock);
    this.#pulses.set(container.id, pulse);
    const onCut = (breakage: Breakage): void => this.#onCut(container.id, breakage);
    return new ContainerRun(this.#engine, container, output, detaching, pulse, onCut, onGone, limits);
  }

  /**
   * Records a break. A break that was not reported yet absorbs a later one: the engine that answered in between need
   * not be the one that answers next.
   */
  #onCut(handle: string, breakage: Breakage): void {
    const before = this.#cuts.get(handle);
    if (before === undefined || before.isTold) {
      const cut = { ...breakage, id: crypto.randomUUID(), memory: undefined, isTold: false, stops: [] };
      this.#cuts.set(handle, cut);
      this.#cutNotes.save(handle, cut);
    } else if (before.memory?.wasAttached) before.memory = undefined;
    this.#watchLogEnd(handle);
  }

  /** Watches the end of the log until the container is read again. */
  #watchLogEnd(handle: string): void {
    const path = this.#logPaths.get(handle);
    const traceId = this.#cutNotes.loadEngine(handle);
    const cut = this.#cuts.get(handle);
    this.#endWatches.get(handle)?.[Symbol.dispose]();
    if (path === undefined || !traceId || cut === undefined) return;
    const onFound = (): void => this.#cutNotes.save(handle, cut);
    this.#endWatches.set(handle, new LogEndWatch(this.#engine.address, path, traceId, cut, onFound));
  }

  /** Notes which engine a container is read from now. */
  #isReadFrom(handle: string): void {
    this.#endWatches.get(handle)?.[Symbol.dispose]();
    this.#endWatches.delete(handle);
    this.#cutNotes.saveEngine(handle, engineTrace(this.#engine.address)?.id ?? "");
  }

  #learnLogPath(info: ContainerInspectInfo): void {
    if (info.LogPath && !mayRotate(logFilesOf(info))) this.#logPaths.set(info.Id, info.LogPath);
  }

  async remove(handle: string): Promise<void> {
    this.#cuts.delete(handle);
    this.#hasRead.delete(handle);
    this.#pulses.delete(handle);
    this.#logPaths.delete(handle);
    this.#endWatches.get(handle)?.[Symbol.dispose]();
    this.#endWatches.delete(handle);
    this.#cutNotes.forgetAll(handle);
    ReadingPlaces.forget(this.#notes, handle);
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
  ): AsyncGenerator<OutputItem> {
    const { id } = container;
    const isFirst = !this.#cuts.has(id) && !this.#hasRead.has(id);
    const cut = this.#cuts.get(id) ?? this.#cutNotes.load(id);
    if (cut !== undefined) this.#cuts.set(id, cut);
    const engineBefore = isFirst ? this.#cutNotes.loadEngine(id) : undefined;
    this.#hasRead.add(id);
    this.#learnLogPath(info);
    this.#isReadFrom(id);
    // Lines that nobody numbers have no places.
    const places = new ReadingPlaces(taken === nothingTaken ? new Memory() : this.#notes, id);
    const parts = {
      ...{ engine: this.#engine, container, info, taken, places, cut, engineBefore },
      onLearned: (learned: Cut): void => {
        this.#cuts.set(id, learned);
        this.#cutNotes.save(id, learned);
      },
      onTold: (): void => this.#cutNotes.forget(id),
    };
    try {
      for await (const item of takeOver(parts, signal)) {
        if ("missing" in item)
          this.#logger.warn(`lines of ${id.slice(0, 12)} may be missing: ${item.missing.reason}`);
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
