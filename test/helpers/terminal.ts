// A program on a real terminal (a pty): what it draws, keys, Ctrl-C, the exit code.
import { exitCodeOf } from "./child.ts";
import { until } from "./until.ts";

export class Terminal implements AsyncDisposable {
  readonly #process: Bun.Subprocess;
  readonly #decoder = new TextDecoder();
  /** Everything that was written to the terminal, escape sequences included. */
  raw = "";

  /** `onData` is told what is written, as a terminal is. */
  constructor(
    argv: string[],
    options: {
      cwd: string;
      env: Record<string, string>;
      columns?: number;
      onData?: (text: string) => void;
    },
  ) {
    this.#process = Bun.spawn(argv, {
      cwd: options.cwd,
      env: { ...options.env, TERM: "xterm-256color" },
      terminal: {
        cols: options.columns ?? 100,
        rows: 30,
        data: (_terminal, bytes) => {
          const text = this.#decoder.decode(bytes, { stream: true });
          this.raw += text;
          options.onData?.(text);
        },
      },
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** What a person reads: without escape sequences, with plain newlines. */
  get screen(): string {
    return Bun.stripANSI(this.raw).replaceAll("\r\n", "\n");
  }

  /** Types, as a person would. "\x03" is Ctrl-C. */
  type(keys: string): void {
    this.#process.terminal?.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#process.terminal?.resize(columns, rows);
  }

  async shows(pattern: string | RegExp, timeoutMs = 20_000): Promise<void> {
    await until(
      `the terminal shows ${pattern}\n${this.screen}\n`,
      () => (typeof pattern === "string" ? this.screen.includes(pattern) : pattern.test(this.screen)),
      { timeoutMs },
    ).catch((thrown: unknown) => {
      throw new Error(`${String(thrown)}\nthe screen:\n${this.screen}`);
    });
  }

  /** The exit code; 128+n by signal. Throws when it does not end within `timeoutMs`. */
  async exitCode(timeoutMs = 20_000): Promise<number> {
    await until("the program on the terminal ends", () => !this.running, { timeoutMs }).catch((thrown) => {
      throw new Error(`${String(thrown)}\nthe screen:\n${this.screen}`);
    });
    return exitCodeOf(this.#process);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) process.kill(this.pid, "SIGKILL");
    await this.#process.exited;
    this.#process.terminal?.close();
  }
}
