// The body of a request as JSON. It must say that it is JSON: that is what a page of another site cannot send without
// being asked first (CORS), whatever else fails.
import type { IncomingMessage } from "node:http";
import { TasklogError } from "../../../core/base/errors.ts";
import { httpBodyBytesMax } from "../../../core/base/limits.ts";
import { startTimer } from "../../../core/base/wait.ts";
import { parseJson } from "./json-text.ts";

/** A request's body that is not whole by then ends its connection, in ms. */
const httpBodyMs = 30_000;

/** An empty body is an empty object. @throws TasklogError "invalid" */
export async function readJsonBody(
  request: IncomingMessage,
  bodyMs = httpBodyMs,
): Promise<Record<string, unknown>> {
  const bytes = await readBody(request, bodyMs);
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new TasklogError("invalid", "the body must be JSON; send it with Content-Type: application/json");
  }
  if (bytes.length === 0) return {};
  const value = parseJson(textOf(bytes), "the body");
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new TasklogError("invalid", "the body must be a JSON object");
}

function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new TasklogError("invalid", "the body is no JSON: it is not UTF-8", { cause: error });
  }
}

async function readBody(request: IncomingMessage, bodyMs: number): Promise<Buffer> {
  // Who sends a body for ever holds what has come of it.
  using _timer = startTimer(() => request.destroy(), bodyMs).unref();
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > httpBodyBytesMax) {
        throw new TasklogError("invalid", `the body is larger than ${httpBodyBytesMax} bytes`);
      }
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof TasklogError) throw error;
    throw new TasklogError("aborted", "the client has gone before its body was whole", { cause: error });
  }
  return Buffer.concat(pieces);
}
