// The past of a task's log, as its worker has it: pieces of about 1 MiB by ReadLog, each read only when a cursor asks
// for it. The newest few pieces are kept, so that viewers who are behind at the same place share them, and the next
// one is fetched while a cursor that reads on is busy with the last. No line is looked at here.
import { TasklogError } from "../../base/errors.ts";
import { readBytesDefault } from "../../base/limits.ts";
import type { Stamp } from "../../base/stamp.ts";
import type { LineBatch } from "../../log/line-batch.ts";
import type { LogGap, LogHistory } from "../../log/log-item.ts";
import { type NumberedItem, seqAfter } from "../../log/seq-cursor.ts";
import type { ReadLogRequest } from "../../rpc/gen/tasklog/v1/worker.ts";
import type { LogPiece } from "../../rpc/worker-client.ts";
import type { ConnectedWorker, Workers } from "../workers/workers.ts";

/** Pieces of a task's past that the master keeps for viewers who are behind, each of `readBytesDefault`. */
const historyPiecesMax = 4;

const logGoneReason = "its worker has this log no more; was the worker's data folder emptied?";
const missingReason = "the worker has these lines no more";

interface Kept {
  readonly fromSeq: number;
  /** The seq of the last line or gap in it; until it is here, and when there is nothing, it is before `fromSeq`. */
  lastSeq: number;
  readonly piece: Promise<LogPiece>;
}

export class WorkerHistory implements LogHistory {
  readonly #workers: Workers;
  readonly #taskId: string;
  readonly #workerId: string;
  readonly #endSeq: number | undefined;
  /** The most recently fetched last. */
  #kept: Kept[] = [];

  /** `endSeq`: of a finished task, the seq of its last line, so that a log that is gone is known for a gap. */
  constructor(workers: Workers, taskId: string, workerId: string, endSeq?: number) {
    this.#workers = workers;
    this.#taskId = taskId;
    this.#workerId = workerId;
    this.#endSeq = endSeq;
  }

  /** @throws TasklogError "unavailable" while the worker is away, "aborted". */
  async read(fromSeq: number, _bytesMax: number, signal?: AbortSignal): Promise<LineBatch | LogGap> {
    const piece = await this.piece(fromSeq, signal);
    const item = linesAndGaps(piece).find((found) => lastSeqOf(found) >= fromSeq);
    if (item === undefined && this.#endSeq !== undefined) {
      return { fromSeq, toSeq: Math.max(fromSeq, this.#endSeq), reason: missingReason };
    }
    if (item === undefined) {
      throw new TasklogError("internal", `the worker of ${this.#taskId} does not give its line ${fromSeq}`);
    }
    return beginningAt(fromSeq, item);
  }

  /** @throws as `read`. */
  async locate({ seconds, nanos }: Stamp, signal?: AbortSignal): Promise<number> {
    if (seconds <= 0) return 1; // no line is older
    // One line is enough to know its number.
    const piece = await this.#ask({ sinceSeconds: seconds, sinceNanos: nanos, bytesMax: 1 }, signal);
    const [first] = linesAndGaps(piece);
    if (first === undefined) return piece.nextSeq;
    return first.kind === "batch" ? first.batch.firstSeq : first.fromSeq;
  }

  /** The piece with that seq in it: its first items may be older. */
  async piece(fromSeq: number, signal?: AbortSignal): Promise<LogPiece> {
    const kept = this.#kept.find(
      (one) => one.fromSeq <= fromSeq && fromSeq <= Math.max(one.lastSeq, one.fromSeq),
    );
    const isNext = this.#kept.some((one) => one.lastSeq + 1 === fromSeq);
    const found = kept ?? this.#fetch(fromSeq);
    const piece = await unlessAborted(found.piece, signal);
    const next = found.lastSeq + 1;
    const isKnown = this.#kept.some((one) => one.fromSeq === next);
    if ((isNext || kept !== undefined) && !isKnown && next > fromSeq && next < piece.nextSeq)
      this.#fetch(next);
    return piece;
  }

  #fetch(fromSeq: number): Kept {
    const kept: Kept = { fromSeq, lastSeq: fromSeq - 1, piece: this.#ask({ fromSeq }) };
    this.#kept.push(kept);
    if (this.#kept.length > historyPiecesMax) this.#kept.shift();
    const forget = (): void => {
      this.#kept = this.#kept.filter((one) => one !== kept);
    };
    kept.piece.then((piece) => {
      const last = linesAndGaps(piece).at(-1);
      // The end of a log that grows is not worth keeping.
      if (last === undefined) forget();
      else kept.lastSeq = lastSeqOf(last);
    }, forget);
    return kept;
  }

  async #ask(where: Partial<ReadLogRequest>, signal?: AbortSignal): Promise<LogPiece> {
    const { client, compress } = this.#worker();
    const request = { taskId: this.#taskId, bytesMax: readBytesDefault, compress, ...where };
    const piece = client.readLog(request, signal);
    return this.#endSeq === undefined ? piece : piece.catch(orGone(this.#endSeq));
  }

  #worker(): ConnectedWorker {
    const worker = this.#workers.get(this.#workerId);
    if (worker === undefined) {
      throw new TasklogError(
        "unavailable",
        `the log of ${this.#taskId} cannot be read now: ${this.#workers.absence(this.#workerId)}`,
      );
    }
    return worker;
  }
}

/**
 * For a finished task whose worker does not know it any more, as after its data folder was emptied: what it printed is one
 * gap, and how it ended is known all the same.
 */
export function orGone(endSeq: number): (error: unknown) => LogPiece {
  return (error) => {
    if (TasklogError.from(error).code !== "not_found") throw error;
    const gap = { kind: "gap", fromSeq: 1, toSeq: endSeq, reason: logGoneReason } as const;
    const items = endSeq > 0 ? [gap] : [];
    return { items, nextSeq: endSeq + 1, firstSeq: endSeq + 1, complete: true, epoch: "" };
  };
}

/** For a finished task of whose lines the worker has only a part: those up to the known end are a gap behind the rest. */
export function withItsEnd(piece: LogPiece, fromSeq: number, endSeq: number): LogPiece {
  const last = linesAndGaps(piece).at(-1);
  if (piece.nextSeq > endSeq || (last !== undefined && seqAfter(last) < piece.nextSeq)) return piece;
  const from = Math.max(fromSeq, piece.nextSeq);
  const gap = { kind: "gap", fromSeq: from, toSeq: endSeq, reason: missingReason } as const;
  return { ...piece, items: from > endSeq ? piece.items : [...piece.items, gap], nextSeq: endSeq + 1 };
}

function linesAndGaps(piece: LogPiece): NumberedItem[] {
  return piece.items.filter((item) => item.kind === "batch" || item.kind === "gap");
}

function lastSeqOf(item: NumberedItem): number {
  return seqAfter(item) - 1;
}

/** Cuts off what is before `fromSeq`. */
function beginningAt(fromSeq: number, item: NumberedItem): LineBatch | LogGap {
  if (item.kind === "batch") {
    return item.batch.slice(Math.max(0, fromSeq - item.batch.firstSeq), item.batch.count);
  }
  const { toSeq, reason, count } = item;
  const from = Math.max(fromSeq, item.fromSeq);
  return { fromSeq: from, toSeq, reason, ...(from === item.fromSeq && count !== undefined && { count }) };
}

/** The piece may be others' too, so a reader that leaves does not cancel it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new TasklogError("aborted", "the reader has left"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
