// One container as a Run: its output, its end, its stop. The output comes from attach (a fresh start) or from the
// engine's log (a reopened run); where it ends, the engine is asked whether the container ended, because a stream that
// the engine cut looks just the same. It never removes the container and never reconnects: both are the executor's.
import type { Container } from "dockerode";
import { TasklogError } from "../../../errors.ts";
import type { OutputChunk, Run, RunResult } from "../runtime.ts";
import type { Engine } from "./engine.ts";
import { engineGone, fromEngine, statusOf } from "./engine-errors.ts";
import { toRunResult } from "./run-result.ts";

/** How long after the end of its output a container may still count as running, in ms. */
const endConfirmMs = 10_000;

export class ContainerRun implements Run {
  readonly handle: string;
  readonly output: AsyncIterable<OutputChunk>;
  readonly #engine: Engine;
  readonly #container: Container;
  readonly #detaching: AbortController;
  readonly #ended: Promise<RunResult>;

  /** `detaching` ends `chunks` when it is aborted. The container must have been started. */
  constructor(
    engine: Engine,
    container: Container,
    chunks: AsyncIterable<OutputChunk>,
    detaching: AbortController,
  ) {
    this.handle = container.id;
    this.#engine = engine;
    this.#container = container;
    this.#detaching = detaching;
    this.#ended = this.#awaitEnd();
    this.#ended.catch(() => {});
    this.output = this.#read(chunks);
  }

  wait(): Promise<RunResult> {
    return this.#ended;
  }

  async stop(graceMs: number): Promise<void> {
    if (graceMs > 0 && (await this.#terminate(graceMs))) return;
    await this.#kill("SIGKILL");
    await this.#ended;
  }

  /** The image's own stop signal; whether the container has ended within `graceMs`. */
  async #terminate(graceMs: number): Promise<boolean> {
    const { Config } = await this.#call("cannot be looked up", () => this.#container.inspect());
    const signal = (Config as { StopSignal?: string }).StopSignal || "SIGTERM";
    await this.#kill(signal);
    return settlesWithin(this.#ended, graceMs);
  }

  detach(): void {
    this.#detaching.abort();
  }

  async *#read(chunks: AsyncIterable<OutputChunk>): AsyncGenerator<OutputChunk> {
    try {
      yield* chunks;
    } catch (thrown) {
      if (this.#detaching.signal.aborted) return;
      throw thrown instanceof TasklogError ? thrown : engineGone(this.#engine.address, thrown);
    }
    if (this.#detaching.signal.aborted) return;
    if (await settlesWithin(this.#ended, endConfirmMs)) await this.#ended;
    else throw new TasklogError("unavailable", `the engine ended the output of ${this.#short} too early`);
  }

  /** "not-running" and not "next-exit": asked after the start, it cannot miss an end that is already past. */
  async #awaitEnd(): Promise<RunResult> {
    try {
      const abortSignal = this.#detaching.signal;
      await this.#container.wait({ condition: "not-running", abortSignal });
      const { State } = await this.#container.inspect();
      if (State.Running) throw engineGone(this.#engine.address);
      return toRunResult(State);
    } catch (thrown) {
      if (this.#detaching.signal.aborted) return new Promise(() => {});
      throw fromEngine(this.#engine.address, `the end of ${this.#short} is not known`, thrown);
    }
  }

  async #kill(signal: string): Promise<void> {
    await this.#call(`did not take ${signal}`, async () => {
      try {
        await this.#container.kill({ signal });
      } catch (thrown) {
        // Ended already, or removed already.
        if (statusOf(thrown) !== 409 && statusOf(thrown) !== 404) throw thrown;
      }
    });
  }

  async #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (thrown) {
      throw fromEngine(this.#engine.address, `container ${this.#short} ${what}`, thrown);
    }
  }

  get #short(): string {
    return this.handle.slice(0, 12);
  }
}

/** Whether `promise` settles, either way, within `ms`. */
async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  try {
    return await Promise.race([promise.then(settled, settled), late]);
  } finally {
    clearTimeout(timer);
  }
}

const settled = (): true => true;
