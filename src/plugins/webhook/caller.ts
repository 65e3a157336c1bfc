// Sends what is due: so many calls at once in all, and fewer to one host, so that one that hangs holds up its own
// calls and no others. What came of an attempt is written down before the next one is thought of.

import { hostMoment, msUntil } from "../../core/base/clock.ts";
import { webhookTimeoutMs } from "../../core/base/limits.ts";
import type { Logger } from "../../core/base/logger.ts";
import { startTimer, type Timer } from "../../core/base/wait.ts";
import { redactedUrl } from "../../core/base/webhook-url.ts";
import { type Call, type CallBook, dueIn } from "./call-book.ts";
import { type Answer, post } from "./post.ts";
import { delayAfter, parseRetryAfter } from "./schedule.ts";
import { signedHeaders } from "./signing.ts";
import { TargetBlocked, type TargetGuard } from "./target-guard.ts";

/** Calls on their way at once: in all, and to one host. */
const webhookCallsMax = 32;
const webhookCallsPerHostMax = 4;

const goneHttpStatus = 410;

export interface CallerParts {
  readonly book: CallBook;
  readonly guard: TargetGuard;
  readonly keysOf: (url: string) => readonly Buffer[];
  readonly schedule: readonly number[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onDelivered: () => void;
  readonly onGivenUp: () => void;
}

/** The result of one attempt: delivered when `error` is empty. */
export interface Outcome {
  readonly status: number;
  readonly error: string;
  readonly retryAfterMs?: number | undefined;
  /** Trying again would give the same. */
  readonly isFinal: boolean;
}

export class Caller {
  readonly #parts: CallerParts;
  readonly #sending = new Map<string, Promise<void>>();
  readonly #perHost = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(parts: CallerParts) {
    this.#parts = parts;
    parts.book.onChange = () => this.#wake(0);
    parts.signal.addEventListener("abort", () => this.#timer?.stop(), { once: true });
    this.#wake(0);
  }

  /** Makes one attempt, now, of something that is not in the book. */
  async attempt(id: string, url: string, body: string, signal: AbortSignal): Promise<Outcome> {
    const { guard, keysOf } = this.#parts;
    const headers = {
      "content-type": "application/cloudevents+json; charset=utf-8",
      "user-agent": "tasklog",
      ...signedHeaders(keysOf(url), id, Date.now(), body),
    };
    try {
      return toOutcome(
        await post(new URL(url), headers, body, { guard, signal, timeoutMs: webhookTimeoutMs }),
      );
    } catch (error) {
      return { status: 0, error: reasonOf(error), isFinal: error instanceof TargetBlocked };
    }
  }

  /** Resolves when nothing is on its way any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#sending.values());
  }

  #wake(ms: number): void {
    if (this.#parts.signal.aborted) return;
    this.#timer?.stop();
    this.#timer = startTimer(() => this.#sendDue(), ms);
  }

  #sendDue(): void {
    const now = hostMoment();
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const call of this.#parts.book.calls()) {
      if (this.#sending.size >= webhookCallsMax) return; // each that ends wakes
      if (call.nextMs === 0 || this.#sending.has(call.id)) continue;
      const leftMs = msUntil(call.nextAt, call.nextMs, now);
      if (leftMs > 0) {
        earliestMs = Math.min(earliestMs, leftMs);
        continue;
      }
      const { host } = new URL(call.url);
      const busy = this.#perHost.get(host) ?? 0;
      if (busy >= webhookCallsPerHostMax) continue;
      this.#perHost.set(host, busy + 1);
      const sending = this.#send(call)
        .catch((error) => this.#parts.logger.error(`${call.id} could not be sent: ${String(error)}`))
        .then(() => {
          this.#sending.delete(call.id);
          this.#leave(host);
          this.#wake(0);
        });
      this.#sending.set(call.id, sending);
    }
    this.#wake(earliestMs);
  }

  #leave(host: string): void {
    const busy = (this.#perHost.get(host) ?? 1) - 1;
    if (busy === 0) this.#perHost.delete(host);
    else this.#perHost.set(host, busy);
  }

  async #send(call: Call): Promise<void> {
    const { book, signal } = this.#parts;
    const body = await book.bodyOf(call.id);
    if (body === undefined) return await book.remove(call.id);
    const outcome = await this.attempt(call.id, call.url, body, signal);
    if (signal.aborted && outcome.status === 0) return; // it did not fail, it was broken off: the same again later
    if (outcome.error === "") {
      await book.remove(call.id);
      this.#parts.onDelivered();
      return;
    }
    await this.#noteFailure(call, outcome);
  }

  async #noteFailure(call: Call, { status, error, retryAfterMs, isFinal }: Outcome): Promise<void> {
    const { book, logger, schedule, onGivenUp } = this.#parts;
    const attempts = call.attempts + 1;
    const delay = isFinal ? undefined : delayAfter(attempts, schedule, retryAfterMs);
    await book.update({
      ...call,
      attempts,
      ...dueIn(delay),
      lastMs: Date.now(),
      lastStatus: status,
      lastError: error,
    });
    const what = `${call.id} to ${redactedUrl(call.url)}`;
    if (status === goneHttpStatus) await this.#closeUrl(call.url);
    if (delay !== undefined)
      return logger.debug(`${what} failed, again in ${Math.round(delay / 1000)} s: ${error}`);
    onGivenUp();
    logger.warn(`${what} is given up after ${attempts} attempts: ${error}; see \`tasklog webhooks\``);
  }

  /** 410: the receiver wants no calls any more. Those that wait for it are given up, new ones are not made. */
  async #closeUrl(url: string): Promise<void> {
    const { book, logger, onGivenUp } = this.#parts;
    if (book.gone.has(url)) return;
    await book.setGone(url);
    logger.warn(`${redactedUrl(url)} answered 410 Gone and is not called any more`);
    for (const call of [...book.calls()]) {
      if (call.url !== url || call.nextMs === 0) continue;
      await book.update({
        ...call,
        ...dueIn(undefined),
        lastError: "the receiver wants no calls any more (410)",
      });
      onGivenUp();
    }
  }
}

function toOutcome({ status, retryAfter, location, text }: Answer): Outcome {
  if (status >= 200 && status < 300) return { status, error: "", isFinal: true };
  const retryAfterMs = parseRetryAfter(retryAfter, Date.now());
  const said = text === "" ? "" : `: ${text.slice(0, 200)}`;
  if (status >= 300 && status < 400 && location !== undefined) {
    const error = `it answered ${status}, a redirect to ${location.slice(0, 200)}, which is not followed`;
    return { status, error, retryAfterMs, isFinal: false };
  }
  return { status, error: `it answered ${status}${said}`, retryAfterMs, isFinal: status === goneHttpStatus };
}

function reasonOf(error: unknown): string {
  if (error instanceof TargetBlocked) return error.message;
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer in ${webhookTimeoutMs / 1000} s`;
  const { code = "", message = String(error) } = (error ?? {}) as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "nobody listens there";
  if (code === "ENOTFOUND") return "there is no host of that name";
  return message || code || "the connection failed";
}
