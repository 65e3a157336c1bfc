// One viewer's WebSocket as the sessions see it: a send that says when to wait, a word when it has ended, and whether
// its other end still lives. `bufferedAmount` of a socket knows no bound of its own: a browser that has stopped would
// collect a whole log in this process. So a cursor that sends waits until there is room, and has then nothing but
// its place in the log.
//
// There may be ten thousand of these that do nothing: no signal, timer or function of one's own where one for all does.

import type { RawData, WebSocket } from "ws";
import type { TasklogError } from "../../../core/base/errors.ts";
import { socketCloseMs } from "../../../core/base/limits.ts";
import { startTimer } from "../../../core/base/wait.ts";

/** The unsent bytes in a viewer's socket at which its cursors pause. The frame that crosses it comes on top. */
const socketUnsentBytesMax = 256 * 1024;

const asText = { binary: false } as const;
const viewers = new WeakMap<WebSocket, ViewerSocket>();

/** The user of the socket. */
export interface ViewerSession {
  take(text: string): void;
  /** The connection has ended. */
  end(): void;
}

export class ViewerSocket {
  hasEnded = false;
  session: ViewerSession | undefined;
  readonly #socket: WebSocket;
  readonly #onEnd: (viewer: ViewerSocket) => void;
  #room: PromiseWithResolvers<void> | undefined;
  /** Anything came, or left, since the last `beat`. */
  #alive = true;

  constructor(socket: WebSocket, onEnd: (viewer: ViewerSocket) => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
    viewers.set(socket, this);
    socket.on("message", onMessage);
    socket.on("pong", onPong);
    socket.on("error", onError);
    socket.on("close", onClose);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** Undefined: there is room for a frame now. */
  get room(): Promise<void> | undefined {
    return this.#room?.promise;
  }

  /** Sends text. Undefined: go on at once; else wait for it before the next. Never throws. */
  send(text: Buffer): Promise<void> | undefined {
    if (this.#room !== undefined) return this.#sendLater(text);
    if (!this.isOpen) return undefined;
    this.#socket.send(text, asText, () => this.#sent());
    if (this.#socket.bufferedAmount <= socketUnsentBytesMax) return undefined;
    this.#room = Promise.withResolvers();
    return this.#room.promise;
  }

  /** Several cursors may share a socket: those that come while it is full take turns. */
  async #sendLater(text: Buffer): Promise<void> {
    while (this.#room !== undefined) await this.#room.promise;
    await this.send(text);
  }

  #sent(): void {
    this.#alive = true;
    if (this.#room !== undefined && this.#socket.bufferedAmount <= socketUnsentBytesMax / 2) this.#takeOn();
  }

  #takeOn(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  take(data: RawData, isBinary: boolean): void {
    this.#alive = true;
    if (isBinary) this.close(1003, "only text frames are understood here");
    else this.session?.take(String(data));
  }

  noteAlive(): void {
    this.#alive = true;
  }

  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.#takeOn();
    this.session?.end();
    this.#onEnd(this);
  }

  /** Asks for a sign of life; cuts the connection when none came since it last asked. */
  beat(): void {
    if (!this.#alive) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    if (this.isOpen) this.#socket.ping();
  }

  /** `reason` is cut to what a close frame holds. Who does not answer is cut after a while. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#socket.close(code, Buffer.from(reason).subarray(0, 120).toString());
    startTimer(() => {
      if (!this.hasEnded) this.#socket.terminate();
    }, socketCloseMs).unref();
  }

  /** Says why it cannot go on: 1013 where it is worth to come again, as with a worker that is away for a while. */
  fail({ code, message }: TasklogError): void {
    this.close(code === "unavailable" ? 1013 : 1011, message);
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  viewers.get(this)?.take(data, isBinary);
}

function onPong(this: WebSocket): void {
  viewers.get(this)?.noteAlive();
}

function onClose(this: WebSocket): void {
  viewers.get(this)?.end();
}

/** A frame that breaks the protocol, or is too long: the library answers with the fitting code and closes. */
function onError(): void {}
