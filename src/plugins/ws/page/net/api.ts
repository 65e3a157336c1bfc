// The HTTP API as functions. A refusal is thrown as an ApiError whose message is a sentence for a person.
import type {
  Bucket,
  LogDensity,
  LogFilter,
  LogInfo,
  LogPage,
  SearchStep,
  Task,
  TasksAnswer,
} from "../model/api-types.ts";
import type { FindQuery } from "../model/matcher.ts";
import { fromApiTask, said } from "../model/received.ts";
import { readNdjson } from "./ndjson.ts";

export class ApiError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

async function request(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, init);
  } catch (thrown) {
    if (init?.signal?.aborted) throw thrown;
    throw new ApiError("unavailable", "tasklog does not answer. It is tried again.");
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => undefined)) as {
    error?: { code?: string; message?: string };
  };
  throw new ApiError(
    body?.error?.code ?? "internal",
    said(body?.error?.message ?? `tasklog answered ${response.status}.`),
  );
}

async function post(path: string, body: unknown): Promise<Task> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  return fromApiTask(await (await request(path, init)).json());
}

const task = (id: string) => `tasks/${encodeURIComponent(id)}`;

export function cancelTask(id: string, force: boolean): Promise<Task> {
  return post(`${task(id)}/cancel`, { force });
}

export function runAgain(id: string): Promise<Task> {
  return post(`${task(id)}/again`, {});
}

export async function getTask(ref: string, signal?: AbortSignal): Promise<Task> {
  return fromApiTask(await (await request(task(ref), signal ? { signal } : {})).json());
}

/** The newest tasks with this text in id, name, image, command or labels. */
export async function findTasksWith(text: string, limit: number, signal: AbortSignal): Promise<Task[]> {
  const params = new URLSearchParams({ q: text, limit: String(limit) });
  const answer = (await (await request(`tasks?${params}`, { signal })).json()) as TasksAnswer;
  return answer.tasks.map(fromApiTask);
}

export async function getLogInfo(id: string, signal: AbortSignal): Promise<LogInfo> {
  return (await request(`${task(id)}/log/info`, { signal })).json() as Promise<LogInfo>;
}

function toParams(filter: LogFilter): URLSearchParams {
  const params = new URLSearchParams();
  if (filter.include !== "") params.set("include", filter.include);
  if (filter.exclude !== "") params.set("exclude", filter.exclude);
  if (filter.streams !== "all") params.set("streams", filter.streams);
  return params;
}

export interface LinesQuery {
  from?: number;
  /** Inclusive. */
  to?: number;
  limit: number;
  /** The last `limit` lines up to `to` instead of the first ones from `from`. */
  backwards?: boolean;
}

export async function getLines(
  id: string,
  range: LinesQuery,
  filter: LogFilter,
  signal: AbortSignal,
): Promise<LogPage> {
  const params = toParams(filter);
  params.set("format", "json");
  params.set("limit", String(range.limit));
  if (range.from !== undefined) params.set("from", String(range.from));
  if (range.to !== undefined) params.set("to", String(range.to));
  if (range.backwards) params.set("backwards", "1");
  return (await request(`${task(id)}/log?${params}`, { signal })).json() as Promise<LogPage>;
}

/** The seq of the first line of that time (RFC 3339) or a later one; what comes next, if there is none. */
export async function seqAt(id: string, time: string, signal: AbortSignal): Promise<number> {
  const params = new URLSearchParams({ format: "json", since: time, limit: "1" });
  const page = (await (await request(`${task(id)}/log?${params}`, { signal })).json()) as LogPage;
  return page.lines[0]?.seq ?? page.gaps[0]?.fromSeq ?? page.nextSeq;
}

export interface SearchRange {
  from: number;
  direction: "next" | "prev";
  limit: number;
}

/** The steps of a search as they come. Ends when the server has looked far enough, or by `signal`. */
export async function* searchLog(
  id: string,
  find: FindQuery,
  range: SearchRange,
  filter: LogFilter,
  signal: AbortSignal,
) {
  const params = toParams(filter);
  params.set("q", find.text);
  if (find.regex) params.set("regex", "1");
  if (find.caseSensitive) params.set("case", "1");
  params.set("from", String(range.from));
  params.set("direction", range.direction);
  params.set("limit", String(range.limit));
  const response = await request(`${task(id)}/log/search?${params}`, { signal });
  yield* readNdjson<SearchStep>(response);
}

export async function getDensity(id: string, buckets: number, signal: AbortSignal): Promise<Bucket[]> {
  const response = await request(`${task(id)}/log/density?buckets=${buckets}`, { signal });
  return ((await response.json()) as LogDensity).buckets;
}

/** The address of a download of a range, or of all of it. */
export function downloadUrl(
  id: string,
  format: "text" | "ndjson",
  filter: LogFilter,
  from?: number,
  to?: number,
): string {
  const params = toParams(filter);
  params.set("format", format);
  params.set("download", "1");
  if (from !== undefined) params.set("from", String(from));
  if (to !== undefined) params.set("to", String(to));
  return `/api/v1/${task(id)}/log?${params}`;
}
