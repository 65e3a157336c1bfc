// A receiver of webhooks on loopback: a real HTTP server that keeps what came and answers as a test says.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly atMs: number;
}

type Answer = (response: ServerResponse, nth: number) => void;

export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** Of call n, counted from 1. 200 by default. */
  answer: Answer = (response) => response.end();
  readonly #server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString();
      this.received.push({ path: request.url ?? "", headers: request.headers, body, atMs: Date.now() });
      response.on("error", () => {});
      this.answer(response, this.received.length);
    });
  });

  static async start(answer?: Answer, port = 0): Promise<Receiver> {
    const receiver = new Receiver();
    if (answer !== undefined) receiver.answer = answer;
    await new Promise<void>((resolve, reject) => {
      receiver.#server.once("error", reject).listen(port, "127.0.0.1", resolve);
    });
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** The event in call `index`. */
  // biome-ignore lint/suspicious/noExplicitAny: an event's data is what the test says it is.
  event(index = 0): any {
    return JSON.parse(this.received[index]?.body ?? "null");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** By npm's standardwebhooks: the event, or it throws. */
export function verify(secret: string, { headers, body }: Received): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}
