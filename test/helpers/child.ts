// A process that a test started: what it prints is collected as it comes, signals go to its pid, and it can be
// waited for. Deliberately no shell in between: the pid is the program's own.
import { constants } from "node:os";
import { until } from "./until.ts";

/** How a process ended and what it printed. */
export interface Ended {
  /** Exit code; 128+n when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface ChildOptions {
  cwd: string;
  env: Record<string, string>;
  /** A file that stdout goes to; then `stdout` stays empty here. */
  stdoutFile?: string;
  stdin?: string;
}

/** The exit code as a shell gives it: 128+n when a signal ended the process. */
export function exitCodeOf(child: Bun.Subprocess): number {
  const { exitCode, signalCode } = child;
  if (signalCode === null) return exitCode ?? -1;
  return 128 + (typeof signalCode === "number" ? signalCode : (constants.signals[signalCode] ?? 0));
}

export class Child implements AsyncDisposable {
  readonly command: string;
  readonly ended: Promise<Ended>;
  readonly #process: Bun.Subprocess;
  readonly #text = { stdout: "", stderr: "" };
  #over = false;

  constructor(argv: string[], options: ChildOptions) {
    this.command = argv.join(" ");
    const child = Bun.spawn(argv, {
      cwd: options.cwd,
      env: options.env,
      stdin: options.stdin === undefined ? "ignore" : Buffer.from(options.stdin),
      stdout: options.stdoutFile === undefined ? "pipe" : Bun.file(options.stdoutFile),
      stderr: "pipe",
    });
    this.#process = child;
    this.ended = this.#collect(child);
    this.ended.catch(() => {});
  }

  get pid(): number {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** What came so far. */
  get stdout(): string {
    return this.#text.stdout;
  }

  get stderr(): string {
    return this.#text.stderr;
  }

  get lines(): string[] {
    return this.stdout.split("\n").slice(0, -1);
  }

  signal(name: NodeJS.Signals): void {
    if (this.running) process.kill(this.pid, name);
  }

  /** Waits until stdout or stderr holds `pattern`. Throws at once when the process has ended without it. */
  async says(pattern: string | RegExp, timeoutMs = 20_000): Promise<void> {
    const found = () =>
      [this.stdout, this.stderr].some((text) =>
        typeof pattern === "string" ? text.includes(pattern) : pattern.test(text),
      );
    await until(`${this.command} says ${pattern}`, () => found() || this.#over, { timeoutMs });
    if (!found()) {
      throw new Error(`${this.command} ended without saying ${pattern}:\n${this.stdout}\n${this.stderr}`);
    }
  }

  /** Ends it: `signal`, then SIGKILL if that did not end it within `graceMs`. */
  async stop(signal: NodeJS.Signals = "SIGINT", graceMs = 15_000): Promise<Ended> {
    this.signal("SIGCONT");
    this.signal(signal);
    const late = setTimeout(() => this.signal("SIGKILL"), graceMs);
    const ended = await this.ended;
    clearTimeout(late);
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }

  async #collect(child: Bun.Subprocess): Promise<Ended> {
    await Promise.all([this.#read("stdout", child.stdout), this.#read("stderr", child.stderr), child.exited]);
    this.#over = true;
    return { code: exitCodeOf(child), ...this.#text };
  }

  async #read(name: "stdout" | "stderr", stream: unknown): Promise<void> {
    if (!(stream instanceof ReadableStream)) return;
    const decoder = new TextDecoder();
    for await (const bytes of stream as ReadableStream<Uint8Array>) {
      this.#text[name] += decoder.decode(bytes, { stream: true });
    }
    this.#text[name] += decoder.decode();
  }
}
