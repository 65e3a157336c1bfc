// The request of a viewer for a log: where to begin, and which lines. It comes as the query of an address or as the
// fields of a frame; both are texts that strangers wrote.
import { TasklogError } from "../../../core/base/errors.ts";
import { tailLinesDefault } from "../../../core/base/limits.ts";
import type { StreamTaskLogsOptions } from "../../../core/plugin-api.ts";
import { LineFilter } from "../../../core/search/line-filter.ts";

export interface LogRequest {
  readonly options: StreamTaskLogsOptions;
  /** Undefined: all lines. */
  readonly filter: LineFilter | undefined;
}

/** `get` gives the text of a field, or undefined. @throws TasklogError "invalid" */
export function toLogRequest(get: (name: string) => string | undefined): LogRequest {
  const filter = LineFilter.of({
    stream: streamOf(get("streams")),
    include: get("include"),
    exclude: get("exclude"),
  });
  return { options: positionOf(get), filter };
}

function positionOf(get: (name: string) => string | undefined): StreamTaskLogsOptions {
  const [after, from, tail] = [get("after"), get("from"), get("tail")];
  if (after) {
    const match = /^(.*[^-])-(\d{1,16})$/.exec(after);
    if (match === null) {
      throw new TasklogError("invalid", `after=${quoted(after)} cannot be read; write after=<epoch>-<seq>`);
    }
    return { from: { fromSeq: whole("after", match[2] ?? "") + 1 }, epoch: match[1] ?? "" };
  }
  if (from) return { from: { fromSeq: Math.max(1, whole("from", from)) } };
  if (tail) return { from: { tail: whole("tail", tail) } };
  return { from: flag("all", get("all")) ? { all: true } : { tail: tailLinesDefault } };
}

/** Both streams, or one: `stdout`, `stderr`; `all` and `stdout,stderr` are both. */
export function streamOf(text: string | undefined): "stdout" | "stderr" | undefined {
  if (text === undefined || text === "" || text === "all") return undefined;
  const names = new Set(text.split(","));
  for (const name of names) {
    if (name === "stdout" || name === "stderr") continue;
    throw new TasklogError("invalid", `streams=${quoted(text)} cannot be read; it takes stdout or stderr`);
  }
  return names.size === 2 ? undefined : (text.split(",")[0] as "stdout" | "stderr");
}

/** @throws TasklogError "invalid" that names the field. */
export function flag(name: string, text: string | undefined): boolean {
  if (text === undefined || text === "" || text === "0" || text === "false") return false;
  if (text === "1" || text === "true") return true;
  throw new TasklogError("invalid", `${name}=${quoted(text)} cannot be read; it takes 1 or 0`);
}

/**
 * Parses a whole number that can still be counted on from.
 * @throws TasklogError "invalid" that names the field.
 */
export function whole(name: string, text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value + 1)) return value;
  throw new TasklogError("invalid", `${name}=${quoted(text)} cannot be read; it takes a whole number`);
}

export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
