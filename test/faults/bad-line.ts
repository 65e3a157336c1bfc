// A TCP line between two of our programs that can be cut, held up, slowed down and closed for a while. Nothing is lost
// or changed on it: what it holds up it delivers later, unless it is cut.
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class BadLine implements AsyncDisposable {
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  /** Pending while the line is held up. */
  #free: Promise<void> = Promise.resolve();
  #delayMs = 0;

  private constructor(target: string) {
    this.#target = target;
  }

  /** `target`: host:port. */
  static async start(target: string): Promise<BadLine> {
    const line = new BadLine(target);
    await line.open();
    return line;
  }

  /** 127.0.0.1:port, always the same one. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Destroys all connections that stand; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing passes for `ms`, and nobody is told. */
  async stall(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#free = promise;
    await Bun.sleep(ms);
    resolve();
  }

  /** Each piece arrives `delayMs` later, for `ms`. */
  async slow(delayMs: number, ms: number): Promise<void> {
    this.#delayMs = delayMs;
    await Bun.sleep(ms);
    this.#delayMs = 0;
  }

  /** Cuts, and refuses connections until `open`. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => resolve());
    });
    this.cut();
    await closed;
  }

  async open(): Promise<void> {
    const server = createServer((near) => this.#join(near));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #join(near: Socket): void {
    const [host = "", port] = this.#target.split(":");
    const far = connect(Number(port), host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      from.on("error", () => to.destroy());
      from.once("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      void this.#forward(from, to);
    }
  }

  async #forward(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const bytes of from) {
        await this.#free;
        if (this.#delayMs > 0) await Bun.sleep(this.#delayMs);
        if (to.destroyed) return;
        if (!to.write(bytes)) await drained(to);
      }
      to.end();
    } catch {
      to.destroy();
    }
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("drain", resolve);
    socket.once("close", () => resolve());
  });
}
