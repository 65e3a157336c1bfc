// One viewer's WebSocket as the sessions see it: a send that says when to wait, a signal for its end, and whether its
// other end still lives. `bufferedAmount` of a socket knows no bound of its own: a browser that has stopped would
// collect a whole log in this process. So a cursor that sends waits until there is room, and has then nothing but
// its place in the log.
import type { RawData, WebSocket } from "ws";
import type { TasklogError } from "../../../core/errors.ts";
import { socketCloseMs, socketUnsentBytesMax } from "../../../core/limits.ts";

const TEXT = { binary: false } as const;

export class ViewerSocket {
  /** Aborts when the connection has ended. */
  readonly signal: AbortSignal;
  readonly #socket: WebSocket;
  #room: PromiseWithResolvers<void> | undefined;
  /** Anything came, or left, since the last `beat`. */
  #alive = true;

  constructor(socket: WebSocket, onMessage: (text: string) => void) {
    this.#socket = socket;
    const end = new AbortController();
    this.signal = end.signal;
    socket.on("message", (data: RawData, isBinary: boolean) => {
      this.#alive = true;
      if (isBinary) this.close(1003, "only text frames are understood here");
      else onMessage(String(data));
    });
    socket.on("pong", () => {
      this.#alive = true;
    });
    // A frame that breaks the protocol, or is too long: the library answers with the fitting code and closes.
    socket.on("error", () => {});
    socket.on("close", () => {
      end.abort();
      this.#room?.resolve();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends text. Undefined: go on at once; else wait for it before the next. Never throws. */
  send(text: Buffer): Promise<void> | undefined {
    if (this.#room !== undefined) return this.#sendLater(text);
    if (!this.isOpen) return undefined;
    this.#socket.send(text, TEXT, this.#onSent);
    if (this.#socket.bufferedAmount <= socketUnsentBytesMax) return undefined;
    this.#room = Promise.withResolvers();
    return this.#room.promise;
  }

  /** Several cursors may share a socket: those that come while it is full take turns. */
  async #sendLater(text: Buffer): Promise<void> {
    while (this.#room !== undefined && !this.signal.aborted) await this.#room.promise;
    await this.send(text);
  }

  readonly #onSent = (): void => {
    this.#alive = true;
    if (this.#room === undefined || this.#socket.bufferedAmount > socketUnsentBytesMax / 2) return;
    this.#room.resolve();
    this.#room = undefined;
  };

  /** Asks for a sign of life; cuts the connection when none came since it last asked. */
  beat(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    if (this.isOpen) this.#socket.ping();
  }

  /** `reason` is cut to what a close frame holds. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#socket.close(code, Buffer.from(reason).subarray(0, 120).toString());
    const timer = setTimeout(() => this.#socket.terminate(), socketCloseMs);
    this.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  /** Says why it cannot go on: 1013 where it is worth to come again, as with a worker that is away for a while. */
  fail({ code, message }: TasklogError): void {
    this.close(code === "unavailable" ? 1013 : 1011, message);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}
