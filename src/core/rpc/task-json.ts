// The one public JSON of a task: what `--json` prints, what the HTTP API, its events and its sockets give, and what a
// webhook carries. docs/http-api.md describes it field by field.
//
// Every field is always there. `null` has one meaning: there is none, or not yet; so no text is ever empty, and a
// script, a table and a typed client find the same columns for every task. Lists and maps may be empty and are never
// null. Moments are RFC 3339 in UTC with milliseconds, because that is what a master and an engine know of a task: the text
// sorts by time and every language reads it. (Lines have nanoseconds, because the engine gives them.)
//
// What was asked for beyond name, image, command and labels is `spec`. It comes where one task is asked for, and not in
// lists, events and webhooks: it may be large. Values of the environment may be secrets: only their names are shown.

import { parseKeyValue } from "../base/labels.ts";
import { redactedUrl } from "../base/webhook-url.ts";
import type { Completion, TaskStatus } from "../log/log-item.ts";
import type { Task, TaskSpec } from "./gen/tasklog/v1/task.ts";

/** The end of a task. Before its end every field is null; `exitCode` is so, too, where the end gave none. */
interface EndJson {
  readonly exitCode: number | null;
  /** "SIGKILL"; null: not ended by a signal. */
  readonly signal: string | null;
  /** oom, timeout, cancelled, image, command, engine, lost, unknown; null for an ordinary exit. */
  readonly reason: string | null;
  /** A sentence for a person. */
  readonly message: string | null;
  /** The seq of the last line; 0: it printed nothing. */
  readonly lastSeq: number | null;
  /** Lines that were read; fewer than `lastSeq` where lines are missing. */
  readonly lines: number | null;
  /** Bytes of text, newlines included. */
  readonly bytes: number | null;
  /** The checksum of the whole log. */
  readonly checksum: string | null;
}

/** The moments when a task began and ended. */
interface TimesJson {
  readonly started: string | null;
  readonly finished: string | null;
  /** The time from `started` to `finished`, in ms. */
  readonly durationMs: number | null;
}

/** The completion of a log's stream: the end of the task as its log tells it. */
export interface CompletionJson extends EndJson, TimesJson {
  readonly status: TaskStatus;
}

export interface AdoptedJson {
  /** The container's name on its engine. */
  readonly container: string;
  /** log-file or logs-api: where its lines come from. */
  readonly source: string | null;
  /** The limits of that source, one sentence each. */
  readonly limits: readonly string[];
}

export interface TaskJson extends EndJson, TimesJson {
  readonly id: string;
  readonly name: string | null;
  readonly status: TaskStatus;
  /** The reason why it waits, what it does, or how it ended: one sentence. */
  readonly detail: string | null;
  /** The one who submitted it. */
  readonly user: string | null;
  /** The name of its worker. */
  readonly worker: string | null;
  readonly workerId: string | null;
  readonly containerId: string | null;
  readonly image: string | null;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly cancelRequested: boolean;
  /** It is set for a run of an adopted container, which tasklog only reads. */
  readonly adopted: AdoptedJson | null;
  readonly created: string | null;
}

interface SpecJson {
  /** Empty: the image's own. */
  readonly entrypoint: readonly string[];
  /** The names of the variables. */
  readonly env: readonly string[];
  readonly volumes: readonly string[];
  readonly workdir: string | null;
  /** The user inside the container. */
  readonly user: string | null;
  readonly network: string | null;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly gpus: string | null;
  readonly constraints: readonly string[];
  readonly timeoutMs: number | null;
  readonly stopTimeoutMs: number | null;
  readonly pull: string | null;
  readonly tty: boolean;
  readonly keep: boolean;
  readonly runtime: string | null;
  /** The URLs without their paths, which are often secrets. */
  readonly webhooks: readonly string[];
}

/** A task that was asked for by itself. */
export interface TaskJsonInFull extends TaskJson {
  readonly spec: SpecJson;
}

/** Converts a task for a list, an event or a webhook. */
export function toTaskJson(task: Task): TaskJson {
  const { spec, adopted } = task;
  return {
    id: task.id,
    name: spec?.name || null,
    status: task.status,
    detail: task.detail || null,
    user: task.userId || null,
    worker: task.workerName || null,
    workerId: task.workerId || null,
    containerId: task.containerId || null,
    image: spec?.image || null,
    command: spec?.command ?? [],
    labels: spec?.labels ?? {},
    cancelRequested: task.cancelRequested,
    adopted: adopted
      ? { container: adopted.container, source: adopted.source || null, limits: adopted.limits }
      : null,
    created: toMoment(task.createdMs),
    ...timesOf(task),
    ...endOf(task.completion),
  };
}

/** Converts a task that was asked for by itself. */
export function toTaskJsonInFull(task: Task): TaskJsonInFull {
  return { ...toTaskJson(task), spec: toSpecJson(task.spec) };
}

/** Converts the last item of a log's stream. */
export function toCompletionJson(completion: Completion): CompletionJson {
  return { status: completion.status, ...timesOf(completion), ...endOf(completion) };
}

/** A moment as RFC 3339 text; null for 0 and for what is no moment. `ms` is a time of the Unix epoch. */
export function toMoment(ms: number): string | null {
  const date = new Date(ms);
  return ms === 0 || Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function timesOf({ startedMs, finishedMs }: Pick<Task, "startedMs" | "finishedMs">): TimesJson {
  const isKnown = startedMs > 0 && finishedMs >= startedMs;
  return {
    started: toMoment(startedMs),
    finished: toMoment(finishedMs),
    durationMs: isKnown ? finishedMs - startedMs : null,
  };
}

function endOf(completion: Completion | undefined): EndJson {
  return {
    exitCode: completion?.exitCode ?? null,
    signal: completion?.signal || null,
    reason: completion?.reason || null,
    message: completion?.message || null,
    lastSeq: completion?.lastSeq ?? null,
    lines: completion?.lines ?? null,
    bytes: completion?.bytes ?? null,
    checksum: completion?.checksum || null,
  };
}

function toSpecJson(spec: TaskSpec | undefined): SpecJson {
  return {
    entrypoint: spec?.entrypoint ?? [],
    env: (spec?.env ?? []).map((entry) => parseKeyValue(entry).key),
    volumes: spec?.volumes ?? [],
    workdir: spec?.workdir || null,
    user: spec?.user || null,
    network: spec?.network || null,
    cpus: spec?.cpus || null,
    memoryBytes: spec?.memoryBytes || null,
    gpus: spec?.gpus || null,
    constraints: spec?.constraints ?? [],
    timeoutMs: spec?.timeoutMs || null,
    stopTimeoutMs: spec?.stopTimeoutMs ?? null,
    pull: spec?.pull || null,
    tty: spec?.tty ?? false,
    keep: spec?.keep ?? false,
    runtime: spec?.runtime || null,
    webhooks: (spec?.webhooks ?? []).map(redactedUrl),
  };
}
