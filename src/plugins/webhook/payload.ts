// The body of a call: a CloudEvent (https://cloudevents.io, 1.0, structured JSON) about one task. Its data is the
// public JSON of the task (core/rpc/task-json.ts) and, beside it, a link and the end of the log. It stays below 20 KB
// whatever the task: long texts are cut and marked, long lists end early, and the log's end has as many lines as
// there is room for, the newest first to be taken.
import { createHash } from "node:crypto";
import { webhookBodyBytesMax } from "../../core/base/limits.ts";
import { type Task, type TaskJson, toTaskJson } from "../../core/plugin-api.ts";
import { cut } from "./cut.ts";
import type { LastLine } from "./last-lines.ts";

export const completedType = "dev.tasklog.task.completed";
export const startedType = "dev.tasklog.task.started";
const testType = "dev.tasklog.test";

/** Ids, a signal, a reason, a checksum: short by nature, whatever a worker says. */
const idBytesMax = 100;
const itemsMax = 20;
const limitsMax = 3;

export interface EventContext {
  readonly masterId: string;
  /** The URL where people reach the master; undefined if there is none. */
  readonly linkBase: string | undefined;
}

/** The `webhook-id`: the same for one thing that happened and one URL, whoever works it out, however often. */
export function callId(type: string, task: Pick<Task, "id" | "status">, url: string): string {
  const hash = createHash("sha256").update(JSON.stringify([type, task.id, task.status, url]));
  return `msg_${hash.digest("hex").slice(0, 24)}`;
}

/** The body, in less than `webhookBodyBytesMax` bytes. `lastLines` undefined: the log could not be read. */
export function eventBody(
  id: string,
  type: string,
  task: Task,
  lastLines: readonly LastLine[] | undefined,
  { masterId, linkBase }: EventContext,
): string {
  const data: Record<string, unknown> = { ...boundedTask(task) };
  if (linkBase !== undefined) data["link"] = `${linkBase.replace(/\/+$/, "")}/tasks/${task.id}`;
  const event = {
    ...envelope(id, type, masterId),
    subject: task.id,
    time: new Date(timeOf(type, task)).toISOString(),
    data,
  };
  if (type === startedType) return JSON.stringify(event);
  data["lastLines"] = lastLines === undefined ? null : [];
  let room = webhookBodyBytesMax - 64 - Buffer.byteLength(JSON.stringify(event));
  const kept: LastLine[] = [];
  for (const line of (lastLines ?? []).toReversed()) {
    room -= Buffer.byteLength(JSON.stringify(line)) + 1;
    if (room < 0) break;
    kept.unshift(line);
  }
  if (lastLines !== undefined) data["lastLines"] = kept;
  return JSON.stringify(event);
}

/** The body of `tasklog webhooks test`. */
export function testBody(id: string, masterId: string): string {
  return JSON.stringify({
    ...envelope(id, testType, masterId),
    time: new Date().toISOString(),
    data: { message: "a test call: webhooks of this tasklog arrive here" },
  });
}

function envelope(id: string, type: string, masterId: string) {
  return {
    specversion: "1.0",
    id,
    source: `/tasklog/${masterId}`,
    type,
    datacontenttype: "application/json",
  };
}

function timeOf(type: string, task: Task): number {
  return (type === startedType ? task.startedMs : task.finishedMs) || Date.now();
}

/** The public JSON of the task with everything that a stranger chose cut to a bounded length. */
function boundedTask(task: Task): TaskJson {
  const json = toTaskJson(task);
  const { name, detail, user, worker, image, message, command, labels, adopted } = json;
  const short = (text: string | null) => cutOrNull(text, idBytesMax);
  return {
    ...json,
    name: cutOrNull(name),
    detail: cutOrNull(detail),
    user: cutOrNull(user),
    worker: cutOrNull(worker),
    image: cutOrNull(image),
    message: cutOrNull(message),
    workerId: short(json.workerId),
    containerId: short(json.containerId),
    signal: short(json.signal),
    reason: short(json.reason),
    checksum: short(json.checksum),
    command: command.slice(0, itemsMax).map((word) => cut(word, 200)),
    labels: Object.fromEntries(
      Object.entries(labels)
        .slice(0, itemsMax)
        .map(([key, value]) => [cut(key, 100), cut(value, 100)]),
    ),
    adopted: adopted && {
      ...adopted,
      container: cut(adopted.container),
      source: short(adopted.source),
      limits: adopted.limits.slice(0, limitsMax).map((limit) => cut(limit)),
    },
  };
}

function cutOrNull(text: string | null, max?: number): string | null {
  return text === null ? null : cut(text, max);
}
