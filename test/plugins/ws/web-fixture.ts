// A real master with the plugin ws and its HTTP server, a worker that does what a test says, and a client of each kind:
// npm's `ws`, fetch, and raw sockets for what no client would send.
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { WebSocket } from "ws";
import type { MasterOptions } from "../../../src/core/master/master.ts";
import type { Plugin } from "../../../src/core/master/plugins/plugin.ts";
import ws from "../../../src/plugins/ws/index.ts";
import { MasterFixture } from "../../core/master/master-fixture.ts";
import type { TestTask, TestWorker } from "../../core/master/test-worker.ts";
import { until } from "../../helpers/until.ts";

export type Frame = { type: string } & Record<string, unknown>;

export class WebFixture implements AsyncDisposable {
  readonly fixture: MasterFixture;
  readonly worker: TestWorker;
  readonly #sockets: TestSocket[] = [];
  readonly #raw: Socket[] = [];

  private constructor(fixture: MasterFixture, worker: TestWorker) {
    this.fixture = fixture;
    this.worker = worker;
  }

  static async start(options: Partial<MasterOptions> = {}): Promise<WebFixture> {
    const http = { host: "127.0.0.1", port: 0 };
    const plugins = [ws as unknown as Plugin];
    const fixture = await MasterFixture.start({ http, plugins, ...options });
    return new WebFixture(fixture, await fixture.worker());
  }

  get port(): number {
    return this.fixture.master.httpAddress?.port ?? 0;
  }

  /** A task that runs on the worker, and has printed these. */
  async running(texts: readonly string[] = [], spec = {}): Promise<TestTask & { id: string }> {
    const { id } = await this.fixture.running(this.worker, spec);
    const task = this.worker.task(id);
    if (texts.length > 0) task.print(...texts);
    return Object.assign(task, { id });
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, init);
  }

  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks
  async json(path: string, init?: RequestInit): Promise<any> {
    return (await this.fetch(path, init)).json();
  }

  /** A text as a client gets it that looks at trailers, which fetch does not, and what both ends of it say is missing. */
  async download(path: string, encoding: string) {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { "accept-encoding": encoding };
      get({ port: this.port, host: "127.0.0.1", path, headers }, resolve).on("error", reject);
    });
    const body = await buffer(answer);
    const text = (answer.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
    const [head, trailer] = [answer.headers, answer.trailers].map((fields) => fields["tasklog-missing"]);
    return { status: answer.statusCode, head, trailer, text };
  }

  post(path: string, body: unknown, headers = {}): Promise<Response> {
    return this.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  socket(path: string, protocols: string[] = ["tasklog.v1"], headers = {}): TestSocket {
    const socket = new TestSocket(`ws://127.0.0.1:${this.port}${path}`, protocols, headers);
    this.#sockets.push(socket);
    return socket;
  }

  /** Sends `text` as it is and gives what comes back, until the other end closes or `enough` says so. */
  async raw(text: string | Uint8Array, enough: (answer: string) => boolean = () => false): Promise<string> {
    const socket = this.rawSocket();
    let answer = "";
    let closed = false;
    socket.on("data", (bytes: Buffer) => {
      answer += bytes.toString("latin1");
    });
    socket.on("close", () => {
      closed = true;
    });
    socket.write(text);
    await until("there is an answer", () => closed || enough(answer));
    socket.destroy();
    return answer;
  }

  rawSocket(): Socket {
    const socket = connect(this.port, "127.0.0.1");
    socket.on("error", () => {});
    this.#raw.push(socket);
    return socket;
  }

  /** An open socket beneath which a test writes what it wants. */
  async rawWebSocket(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ socket: Socket; received: () => Buffer; closed: () => boolean }> {
    const socket = this.rawSocket();
    let received = Buffer.alloc(0);
    let closed = false;
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
    });
    socket.on("close", () => {
      closed = true;
    });
    socket.write(upgradeRequest(path, headers));
    await until("the socket is upgraded", () => received.includes("\r\n\r\n"));
    received = received.subarray(received.indexOf("\r\n\r\n") + 4);
    return { socket, received: () => received, closed: () => closed };
  }

  async metric(name: string): Promise<number> {
    const text = await (await this.fetch("/metrics")).text();
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1] ?? Number.NaN);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    for (const socket of this.#raw) socket.destroy();
    await this.fixture[Symbol.asyncDispose]();
  }
}

export function upgradeRequest(path: string, headers: Record<string, string> = {}): string {
  const all = {
    host: "127.0.0.1",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

export class TestSocket {
  readonly frames: Frame[] = [];
  /** `seq text` of all lines, of whatever kind of frame. */
  readonly lines: string[] = [];
  readonly opened: Promise<void>;
  closed: { code: number; reason: string } | undefined;
  /** The HTTP status of a refusal. */
  refused: number | undefined;
  protocol = "";
  readonly #socket: WebSocket;

  constructor(url: string, protocols: string[], headers: Record<string, string>) {
    this.#socket = new WebSocket(url, protocols, { headers });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.on("open", () => {
        this.protocol = this.#socket.protocol;
        resolve();
      });
      this.#socket.on("error", reject);
    });
    this.opened.catch(() => undefined);
    this.#socket.on("unexpected-response", (_request, response) => {
      this.refused = response.statusCode;
    });
    this.#socket.on("error", () => {});
    this.#socket.on("message", (data) => this.#take(JSON.parse(String(data))));
    this.#socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
  }

  of(type: string): Frame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  get isComplete(): boolean {
    return this.frames.some((frame) => frame.type === "complete" || frame["isComplete"] === true);
  }

  send(value: unknown): void {
    this.#socket.send(
      typeof value === "string" || value instanceof Uint8Array ? value : JSON.stringify(value),
    );
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.close();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #take(frame: Frame): void {
    this.frames.push(frame);
    if (frame.type === "log" && frame["isComplete"] === false) {
      this.lines.push(`${frame["seq"]} ${frame["content"]}`);
    }
    if (frame.type !== "lines") return;
    const { firstSeq, seqs, lines } = frame as unknown as {
      firstSeq: number;
      seqs?: number[];
      lines: Array<[string, number, string]>;
    };
    for (const [index, [, , text]] of lines.entries()) {
      this.lines.push(`${seqs?.[index] ?? firstSeq + index} ${text}`);
    }
  }
}

/** "1 line 1", "2 line 2", … as the sockets keep them. */
export function numbered(from: number, to: number): string[] {
  return texts(from, to).map((text, index) => `${from + index} ${text}`);
}

export function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
}
