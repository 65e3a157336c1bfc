// A container for tasklog to adopt: made with the engine's API alone, restarted and removed as its owner would.
import { testImage } from "../../scripts/engine.mjs";
import { useEngine } from "./engine.ts";
import { engineCall, engineText } from "./engine-api.ts";
import { until } from "./until.ts";

export interface AdoptableOptions {
  /** A random one by default. */
  name?: string;
  labels?: Record<string, string>;
  tty?: boolean;
  /** HostConfig of the engine: a restart policy, a log driver … */
  host?: Record<string, unknown>;
  /** DOCKER_HOST; the tests' engine by default. */
  engine?: string;
}

export class AdoptableContainer implements AsyncDisposable {
  readonly name: string;
  readonly id: string;
  readonly #engine: string;

  private constructor(name: string, id: string, engine: string) {
    this.name = name;
    this.id = id;
    this.#engine = engine;
  }

  /** Made and not started; removed at the end of the test. */
  static async create(script: string, options: AdoptableOptions = {}): Promise<AdoptableContainer> {
    const {
      name = `adopted-${crypto.randomUUID().slice(0, 8)}`,
      labels = {},
      tty = false,
      host = {},
    } = options;
    const engine = options.engine ?? (await useEngine());
    const { Id } = await engineCall(engine, "POST", `/containers/create?name=${name}`, {
      Image: testImage,
      Cmd: ["sh", "-c", script],
      Labels: labels,
      Tty: tty,
      Env: ["SECRET=hush"],
      HostConfig: { NetworkMode: "none", ...host },
    });
    return new AdoptableContainer(name, Id, engine);
  }

  static async start(script: string, options: AdoptableOptions = {}): Promise<AdoptableContainer> {
    const container = await AdoptableContainer.create(script, options);
    await container.start();
    return container;
  }

  async start(): Promise<void> {
    await this.#post("start");
  }

  /** SIGTERM, and SIGKILL after so many seconds. */
  async stop(graceS = 0): Promise<void> {
    await this.#post(`stop?t=${graceS}`);
  }

  /** Waits until the engine's log has `text`. */
  async hasPrinted(text: string): Promise<void> {
    const path = `/containers/${this.id}/logs?stdout=1&stderr=1`;
    await until(`${this.name} has printed ${text}`, async () =>
      (await engineText(this.#engine, path)).includes(text),
    );
  }

  async restart(): Promise<void> {
    await this.#post("restart?t=0");
  }

  async rename(name: string): Promise<void> {
    await this.#post(`rename?name=${name}`);
  }

  async isRunning(): Promise<boolean> {
    return (await engineCall(this.#engine, "GET", `/containers/${this.id}/json`)).State.Running;
  }

  async remove(): Promise<void> {
    await engineCall(this.#engine, "DELETE", `/containers/${this.id}?force=1&v=1`);
  }

  /** Gone is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove().catch(() => {});
  }

  async #post(path: string): Promise<void> {
    await engineCall(this.#engine, "POST", `/containers/${this.id}/${path}`);
  }
}
