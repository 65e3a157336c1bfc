// A way to a real engine that breaks off at one request, as the engine does when it goes away in that moment: before the
// request reaches it, or after it has done what was asked and before its answer is seen. From then on nobody answers
// until `mend`. The engine itself runs on, so that what it holds can be looked at meanwhile.
import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";

export class BreakingEngine implements AsyncDisposable {
  /** DOCKER_HOST of the way. */
  readonly host: string;
  readonly #path: string;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #held: RegExp | undefined;
  #hasTold = false;
  #breaking: { request: RegExp; when: "before" | "after" } | undefined;

  private constructor(path: string, target: string) {
    this.#path = path;
    this.host = `unix://${path}`;
    this.#target = target.replace("unix://", "");
  }

  /** `path`: of the new socket; `target`: DOCKER_HOST of the engine, unix://. */
  static async start(path: string, target: string): Promise<BreakingEngine> {
    const way = new BreakingEngine(path, target);
    await way.mend();
    return way;
  }

  get isBroken(): boolean {
    return this.#server === undefined;
  }

  /** `request`: what its first line is to match, such as "POST /v1.41/containers/create?name=x HTTP/1.1". */
  breakAt(request: RegExp, when: "before" | "after"): void {
    this.#breaking = { request, when };
  }

  /** From now on, what the engine answers to such requests stays on the way. */
  holdBack(request: RegExp): void {
    this.#held = request;
  }

  /** An answer of the engine that a container has ended has gone by. */
  get hasToldEnd(): boolean {
    return this.#hasTold;
  }

  break(): void {
    this.#breaking = undefined;
    this.#held = undefined;
    this.#server?.close();
    this.#server = undefined;
    rmSync(this.#path, { force: true });
    for (const socket of this.#sockets) socket.destroy();
  }

  async mend(): Promise<void> {
    const server = createServer((near) => this.#join(near));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#path, resolve);
    });
    this.#server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.break();
  }

  #join(near: Socket): void {
    const far = connect(this.#target);
    let isLast = false;
    let asked = "";
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        this.#sockets.delete(socket);
        if (socket === far && this.#held?.test(asked)) return;
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (bytes) => {
      const [line = ""] = bytes.toString("latin1").split("\r\n", 1);
      if (this.#breaking?.request.test(line)) {
        if (this.#breaking.when === "before") return this.break();
        isLast = true;
      }
      if (line.endsWith(" HTTP/1.1")) asked = line;
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (isLast) this.break();
      else if (!this.#held?.test(asked)) near.write(bytes);
      this.#hasTold ||= bytes.includes('"Status":"exited"');
    });
  }
}
