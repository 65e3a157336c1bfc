// The live end of one log: a WebSocket (sub-protocol tasklog.v1) that is opened again for as long as anybody looks,
// each time behind the last line that has come. It counts nothing and keeps no line; the caller says where to go on.
import { doubledMs } from "../../../../core/base/back-off.ts";
import { startTimer, type Timer } from "../../../../core/base/wait.ts";
import type { LogStart, LogStatus } from "../../../../core/log/log-item.ts";
import type { Completion, Gap } from "../model/api-types.ts";
import type { Line } from "../model/line.ts";
import { fromApiCompletion, said } from "../model/received.ts";

export interface LogSocketEvents {
  start(frame: LogStart): void;
  lines(lines: Line[]): void;
  gap(gap: Gap): void;
  status(frame: LogStatus): void;
  partial(stderr: boolean, text: string): void;
  complete(completion: Completion): void;
  /** The server refuses: it is not tried again. */
  refused(message: string): void;
  /** The connection is up, or has been away for `awayShownMs`. */
  connected(up: boolean): void;
}

/** A connection on which the server has said nothing by then is given up: a browser would wait for minutes. */
const startMs = 10_000;
const retryMinMs = 200;
const retryMaxMs = 5000;
/** A shorter break is nobody's concern, in ms. */
const awayShownMs = 1200;

type WireLine = [time: string, stream: 0 | 1, text: string, cut?: unknown];

export class LogSocket {
  readonly #taskId: string;
  readonly #events: LogSocketEvents;
  readonly #from: () => string;
  #socket: WebSocket | undefined;
  /** Connections lost since the last one on which the server began. */
  #failures = 0;
  #retry: Timer | undefined;
  #late: Timer | undefined;
  #away: Timer | undefined;
  #closed = false;

  /** `from` is asked at every connect: `tail=256`, or `after=<epoch>-<seq>`. */
  constructor(taskId: string, from: () => string, events: LogSocketEvents) {
    this.#taskId = taskId;
    this.#from = from;
    this.#events = events;
    addEventListener("online", this.#soon);
    document.addEventListener("visibilitychange", this.#soon);
    this.#open();
  }

  close(): void {
    this.#closed = true;
    removeEventListener("online", this.#soon);
    document.removeEventListener("visibilitychange", this.#soon);
    this.#late?.stop();
    this.#retry?.stop();
    this.#away?.stop();
    this.#socket?.close();
  }

  #open(): void {
    const { protocol, host } = location;
    const scheme = protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${host}/logs/${encodeURIComponent(this.#taskId)}?${this.#from()}`;
    const socket = new WebSocket(url, "tasklog.v1");
    this.#socket = socket;
    this.#retry = undefined;
    this.#late = startTimer(() => this.#lost(socket), startMs);
    socket.onmessage = ({ data }) => {
      if (this.#closed || typeof data !== "string") return;
      this.#take(JSON.parse(data));
    };
    socket.onclose = () => this.#lost(socket);
  }

  /** Tries again after a while. A socket that was given up says nothing any more. */
  #lost(socket: WebSocket): void {
    if (this.#closed || this.#socket !== socket) return;
    this.#socket = undefined;
    socket.onmessage = null;
    socket.close();
    this.#late?.stop();
    this.#away ??= startTimer(() => this.#events.connected(false), awayShownMs);
    const retryMs = doubledMs(this.#failures++, retryMinMs, retryMaxMs);
    this.#retry = startTimer(() => this.#open(), retryMs * (0.75 + Math.random() / 2));
  }

  /** Somebody looks again, or the network is back: it is tried now. Timers of a hidden tab run slowly. */
  readonly #soon = (): void => {
    if (this.#retry === undefined || document.visibilityState !== "visible") return;
    this.#retry?.stop();
    this.#failures = 0;
    this.#open();
  };

  #take(frame: { type: string } & Record<string, unknown>): void {
    const events = this.#events;
    switch (frame.type) {
      case "start":
        this.#failures = 0;
        this.#late?.stop();
        this.#away?.stop();
        this.#away = undefined;
        events.connected(true);
        events.start(frame as unknown as LogStart);
        break;
      case "lines":
        events.lines(toLines(frame as unknown as { firstSeq: number; seqs?: number[]; lines: WireLine[] }));
        break;
      case "gap":
        events.gap(frame as unknown as Gap);
        break;
      case "status":
        events.status(fromApiStatus(frame as unknown as LogStatus));
        break;
      case "partial":
        events.partial(frame["stream"] === 1 || frame["stream"] === "stderr", String(frame["text"] ?? ""));
        break;
      case "complete":
        this.close();
        events.complete(fromApiCompletion(frame["completion"] as Completion));
        break;
      case "error":
        if (frame["code"] === "unavailable") break;
        this.close();
        events.refused(said(String(frame["message"] ?? "The log cannot be read.")));
        break;
      default: // A newer server may say more.
    }
  }
}

function fromApiStatus({ status, detail, progress }: LogStatus): LogStatus {
  const shown = progress && { ...progress, what: said(progress.what), message: said(progress.message) };
  return { status, detail: said(detail), progress: shown };
}

function toLines({
  firstSeq,
  seqs,
  lines,
}: {
  firstSeq: number;
  seqs?: number[];
  lines: WireLine[];
}): Line[] {
  return lines.map(([time, stream, text, cut], i) => ({
    seq: seqs?.[i] ?? firstSeq + i,
    time,
    stderr: stream === 1,
    text,
    cut: Boolean(cut),
  }));
}
