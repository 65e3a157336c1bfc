// One container as a Run: its output, its end, its stop. The output comes from attach (a fresh start) or from the
// engine's log (a reopened run); where it ends, the engine is asked whether the container ended, because a stream that
// the engine cut looks just the same. It never removes the container and never reconnects: both are the executor's.

import { newlineByte } from "../../../base/bytes.ts";
import { TasklogError } from "../../../base/errors.ts";
import { atMost } from "../../../base/wait.ts";
import type { Container, Engine } from "../../../engine/client/engine.ts";
import { answered, engineGone, fromEngine, statusOf } from "../../../engine/client/engine-errors.ts";
import { isDown } from "../../../engine/containers/container-end.ts";
import { toRunResult } from "../../../engine/containers/run-result.ts";
import { waitForEnd } from "../../../engine/containers/wait-for-end.ts";
import type { OutputChunk, OutputItem, RunResult } from "../../../engine/output.ts";
import type { Breakage, OutputPulse } from "../../../engine/takeover/output-pulse.ts";
import type { StreamName } from "../../../log/line-batch.ts";
import type { Run } from "../runtime.ts";

/** The time after the end of its output in which a container may still count as running, in ms. */
const endConfirmMs = 10_000;
/** An output that broke off may have done so at its end, which the engine tells within this time, in ms. */
const endToldMs = 1000;

export class ContainerRun implements Run {
  readonly handle: string;
  readonly limits: string;
  readonly output: AsyncIterable<OutputItem>;
  readonly #engine: Engine;
  readonly #container: Container;
  readonly #detaching: AbortController;
  readonly #pulse: OutputPulse;
  readonly #onCut: (breakage: Breakage) => void;
  readonly #onGone: () => void;
  /** The streams that are in the middle of a line. */
  readonly #begun = new Set<StreamName>();
  /** That the engine is gone is seen here first: an output is read no faster than it is taken. */
  #broken: Breakage | undefined;
  /** The engine has told the end by itself: all of the output had been logged and delivered by then. */
  #isEndTold = false;
  readonly #end = Promise.withResolvers<RunResult>();
  readonly #ended = this.#end.promise;

  /**
   * `detaching` ends `chunks` when it is aborted. The container must have been started. `onCut` is told when the output
   * ended and nobody knows that the container did, and `onGone` as soon as the engine that would tell its end is gone: a log
   * does not end with its engine.
   */
  constructor(
    engine: Engine,
    container: Container,
    chunks: AsyncIterable<OutputItem>,
    detaching: AbortController,
    pulse: OutputPulse,
    onCut: (breakage: Breakage) => void,
    onGone: () => void,
    limits: string,
  ) {
    this.limits = limits;
    this.#onGone = onGone;
    this.handle = container.id;
    this.#engine = engine;
    this.#container = container;
    this.#detaching = detaching;
    this.#pulse = pulse;
    this.#onCut = onCut;
    this.#ended.catch(() => {});
    void this.#awaitEnd();
    this.output = this.#read(chunks);
  }

  wait(): Promise<RunResult> {
    return this.#ended;
  }

  async resizeTerminal(rows: number, columns: number): Promise<void> {
    await this.#call("cannot be resized", () => this.#container.resize({ h: rows, w: columns }));
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
    return atMost(graceMs, this.#ended);
  }

  detach(): void {
    this.#detaching.abort();
  }

  async *#read(chunks: AsyncIterable<OutputItem>): AsyncGenerator<OutputItem> {
    try {
      for await (const item of chunks) {
        this.#pulse.came();
        // Those of a log come as lines, many at once.
        if (!Array.isArray(item) && !("missing" in item)) this.#look(item);
        yield item;
        this.#pulse.waits();
      }
    } catch (thrown) {
      if (this.#detaching.signal.aborted) return;
      const broken = this.#pulse.broken();
      await atMost(endToldMs, this.#ended);
      if (!this.#isEndTold) this.#cutAt(broken);
      throw thrown instanceof TasklogError ? thrown : engineGone(this.#engine.address, thrown);
    }
    if (this.#detaching.signal.aborted) return;
    const broken = this.#pulse.broken();
    try {
      await this.#confirmEnd();
    } catch (thrown) {
      if (!this.#isEndTold) this.#cutAt(broken);
      throw thrown;
    }
  }

  #look({ stream, bytes }: OutputChunk): void {
    if (bytes[bytes.length - 1] === newlineByte) this.#begun.delete(stream);
    else if (bytes.length > 0) this.#begun.add(stream);
  }

  /** Between the first that was noticed of it, which may have been another thing, and the end of the output. */
  #cutAt(broken: Breakage): void {
    const { fromMs, silentMs } = this.#broken ?? broken;
    this.#onCut({
      fromMs,
      toMs: broken.toMs,
      silentMs: Math.min(silentMs, broken.silentMs),
      begun: [...this.#begun],
    });
  }

  /** Trusts nobody but the engine that has read the output: another one may know the end, and not what came before it. */
  async #awaitEnd(): Promise<void> {
    try {
      this.#isEndTold = await waitForEnd(this.#container, this.#detaching.signal);
      if (!this.#isEndTold) {
        this.#broken = this.#pulse.broken();
        this.#onGone();
        throw engineGone(this.#engine.address);
      }
      const { State } = await this.#container.inspect();
      // Started again by now: it is read on behind the lines taken.
      if (!isDown(State)) throw engineGone(this.#engine.address);
      this.#end.resolve(toRunResult(State));
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** The output has ended: with the container, or with the engine. */
  async #confirmEnd(): Promise<void> {
    const { signal } = this.#detaching;
    const { promise: detached, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve(), { once: true });
    const isSettled = await atMost(endConfirmMs, Promise.race([this.#ended, detached]));
    if (signal.aborted) return;
    if (!isSettled) {
      const message = `the engine ended the output of ${this.#short} too early`;
      this.#end.reject(new TasklogError("unavailable", message));
    }
    await this.#ended;
    // An engine that goes down tells the end, and may break off an output of which it has much left (seen with 20.10).
    await this.#confirmEngine();
  }

  async #confirmEngine(): Promise<void> {
    try {
      await this.#container.inspect();
    } catch (thrown) {
      if (!answered(thrown)) throw engineGone(this.#engine.address, thrown);
    }
  }

  /** Fails the end of the run; after `detach` the end stays open for ever. */
  #fail(thrown: unknown): void {
    if (this.#detaching.signal.aborted) return;
    this.#end.reject(fromEngine(this.#engine.address, `the end of ${this.#short} is not known`, thrown));
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
