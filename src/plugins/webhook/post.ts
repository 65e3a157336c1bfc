// One POST and the beginning of its answer. It goes to the addresses that the guard has looked at and nowhere else:
// no redirect is followed, HTTP_PROXY is not obeyed (node:http does neither under Bun 1.4.5, unlike fetch), no
// connection is used twice. Of the answer's body no more is read than can be shown, whatever its length.

import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { timeoutSignal } from "../../core/base/wait.ts";
import { TargetBlocked, type TargetGuard } from "./target-guard.ts";

/** The part of a refusing answer's body that is read to be shown, in bytes. */
const webhookAnswerBytesMax = 512;

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  /** The beginning of the body; empty when the call was accepted. */
  readonly text: string;
}

/** The longest wait for the rest of the answer's body, in ms. */
const bodyReadMs = 500;

/** @throws TargetBlocked; TimeoutError when `timeoutMs` have passed without an answer; what the connection throws. */
export async function post(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { guard, signal, timeoutMs }: { guard: TargetGuard; signal: AbortSignal; timeoutMs: number },
): Promise<Answer> {
  guard.requireAllowed(url);
  const deadline = timeoutSignal(timeoutMs);
  const both = AbortSignal.any([signal, deadline]);
  let response: IncomingMessage | undefined;
  try {
    response = await send(url, headers, body, guard, both);
    const { statusCode: status = 0 } = response;
    const isYes = status >= 200 && status < 300;
    return {
      status,
      retryAfter: response.headers["retry-after"],
      location: response.headers.location,
      text: isYes ? "" : await beginningOf(response, both),
    };
  } catch (error) {
    if (deadline.aborted && !signal.aborted) throw deadline.reason;
    throw error;
  } finally {
    response?.destroy();
  }
}

function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  guard: TargetGuard,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const start = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    let blocked: unknown;
    const request = start(
      url,
      {
        method: "POST",
        headers: { ...headers, "content-length": String(Buffer.byteLength(body)) },
        agent: false,
        signal,
        // Kept here, because what a lookup throws does not reach the request unchanged.
        lookup: (host, options, callback) =>
          guard.lookup(host, options, (error, ...found) => {
            if (error instanceof TargetBlocked) blocked = error;
            callback(error, ...found);
          }),
      },
      resolve,
    );
    // Stays for as long as the request: one that is destroyed while it is answered may tell an error, too.
    request.on("error", (error) => reject(blocked ?? error));
    request.end(body);
  });
}

async function beginningOf(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const read = (async () => {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part.subarray(0, webhookAnswerBytesMax - bytes));
      bytes += parts.at(-1)?.length ?? 0;
      if (bytes >= webhookAnswerBytesMax) return;
    }
  })().catch(() => undefined);
  const late = AbortSignal.any([signal, timeoutSignal(bodyReadMs)]);
  await Promise.race([
    read,
    new Promise((resolve) => late.addEventListener("abort", resolve, { once: true })),
  ]);
  const text = Buffer.concat(parts).toString("utf8");
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}
