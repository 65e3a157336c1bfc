// A real master with the plugin webhook, a worker whose tasks do what a test says, and what tests ask of both.
import type { Logger } from "../../../src/core/base/logger.ts";
import type { Plugin } from "../../../src/core/master/plugins/plugin.ts";
import type { Task, TaskSpec } from "../../../src/core/rpc/gen/tasklog/v1/task.ts";
import type { WebhookList, WebhookTest } from "../../../src/plugins/webhook/answers.ts";
import webhook from "../../../src/plugins/webhook/index.ts";
import { MasterFixture } from "../../core/master/master-fixture.ts";
import type { TestWorker } from "../../core/master/test-worker.ts";

export class WebhookFixture implements AsyncDisposable {
  readonly said: string[] = [];
  readonly #fixture: MasterFixture;
  readonly #worker: TestWorker;

  private constructor(fixture: MasterFixture, worker: TestWorker, said: string[]) {
    this.#fixture = fixture;
    this.#worker = worker;
    this.said = said;
  }

  /** By default the host of the receivers, loopback, is allowed, and attempts follow each other quickly. */
  static async start(options: Record<string, unknown> = {}): Promise<WebhookFixture> {
    const said: string[] = [];
    const say = (message: string) => void said.push(message);
    const logger: Logger = { debug() {}, info: say, warn: say, error: say };
    const fixture = await MasterFixture.start({
      logger,
      http: { host: "127.0.0.1", port: 0 },
      builtins: { webhook: async () => ({ default: webhook as unknown as Plugin }) },
      plugins: [{ name: "webhook" }],
      pluginOptions: { webhook: { "allow-hosts": "127.0.0.1", schedule: "0,0.1,0.1,0.1", ...options } },
    });
    if (!fixture.master.plugins.includes("webhook")) {
      await fixture[Symbol.asyncDispose]();
      throw new Error(said.join("\n"));
    }
    return new WebhookFixture(fixture, await fixture.worker(), said);
  }

  get master() {
    return this.#fixture.master;
  }

  get client() {
    return this.#fixture.client;
  }

  restart(meanwhile?: () => Promise<void>): Promise<void> {
    return this.#fixture.restart(meanwhile);
  }

  running(spec: Partial<TaskSpec> = {}): Promise<Task> {
    return this.#fixture.running(this.#worker, spec);
  }

  /** A task that has printed these lines and ended. */
  async finished(spec: Partial<TaskSpec> = {}, lines: string[] = [], exitCode = 0): Promise<Task> {
    const task = await this.running(spec);
    for (const line of lines) this.#worker.task(task.id).print(line);
    return await this.finish(task, exitCode);
  }

  finish(task: Task, exitCode = 0): Promise<Task> {
    this.#worker.task(task.id).finish(exitCode === 0 ? "success" : "failed", exitCode);
    return this.#fixture.until(task.id, ({ status }) => status === "success" || status === "failed");
  }

  /** The same while the master is away. */
  async finishAway({ id }: Task): Promise<void> {
    this.#worker.task(id).finish();
  }

  list(): Promise<WebhookList> {
    return this.client.callPlugin("webhook", "list") as Promise<WebhookList>;
  }

  async retry(ids?: string[]): Promise<string[]> {
    const answer = await this.client.callPlugin("webhook", "retry", ids && { ids });
    return (answer as { retried: string[] }).retried;
  }

  test(url: string): Promise<WebhookTest> {
    return this.client.callPlugin("webhook", "test", { url }, { timeoutMs: 30_000 }) as Promise<WebhookTest>;
  }

  async secret(url: string): Promise<string> {
    const answer = await this.client.callPlugin("webhook", "secret", { url });
    return (answer as { secrets: string[] }).secrets[0] ?? "";
  }

  async metrics(): Promise<string> {
    return await (await fetch(`http://127.0.0.1:${this.master.httpAddress?.port}/metrics`)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fixture[Symbol.asyncDispose]();
  }
}
