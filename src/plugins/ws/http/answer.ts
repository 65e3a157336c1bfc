// Whole answers: JSON and bytes, with the headers that all have, compressed where it is worth it.
import type { IncomingMessage, ServerResponse } from "node:http";
import { encodeBody } from "./encoding.ts";
import { neverStored } from "./headers.ts";

export const readMethods = ["GET", "HEAD"] as const;

export function isRead({ method }: IncomingMessage): boolean {
  return readMethods.some((read) => read === method);
}

export function answerJson(
  request: IncomingMessage,
  response: ServerResponse,
  value: unknown,
  status = 200,
): Promise<void> {
  return answerJsonText(request, response, JSON.stringify(value), status);
}

/** `text` is JSON already. */
export function answerJsonText(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  status = 200,
): Promise<void> {
  const headers = { ...neverStored, "content-type": "application/json; charset=utf-8" };
  return answerBytes(request, response, Buffer.from(`${text}\n`), headers, status);
}

/** Sends the answer, without the body when only the head was asked for. */
export async function answerBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  headers: Record<string, string>,
  status = 200,
): Promise<void> {
  const { body, headers: encoding } = await encodeBody(request, bytes);
  response.writeHead(status, { ...headers, ...encoding, "content-length": String(body.length) });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** 405: the address is right, and the method is none of those that it takes. */
export function answerMethod(
  { method }: IncomingMessage,
  response: ServerResponse,
  path: string,
  allowed: readonly string[],
): void {
  const error = { code: "invalid", message: `${path} takes ${allowed.join(", ")}, not ${method}` };
  response.writeHead(405, {
    ...neverStored,
    allow: allowed.join(", "),
    "content-type": "application/json; charset=utf-8",
  });
  response.end(method === "HEAD" ? undefined : `${JSON.stringify({ error })}\n`);
}
