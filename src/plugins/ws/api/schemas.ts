// The schemas of the API's JSON, for its description (JSON Schema, as OpenAPI 3.1 takes it). The tests hold every
// answer against these.
import { taskStatuses } from "../../../core/log/log-item.ts";

const text = { type: "string" };
const whole = { type: "integer" };
const flag = { type: "boolean" };
const status = { type: "string", enum: taskStatuses };
const stream = { type: "string", enum: ["stdout", "stderr"] };
const texts = list(text);
const map = { type: "object", additionalProperties: text };

function list(items: object): object {
  return { type: "array", items };
}

/** An object with all of `properties`, perhaps some of `optional`, and nothing else. */
function record(properties: Record<string, object>, optional: Record<string, object> = {}): object {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/** A schema of a value that may be null: it has none, or none yet. */
function orNull(schema: { type: string }): object {
  return { ...schema, type: [schema.type, "null"] };
}

function named(name: keyof typeof namedSchemas): object {
  return { $ref: `#/components/schemas/${name}` };
}

const maybeText = orNull(text);
const maybeWhole = orNull(whole);
const maybeMoment = { ...maybeText, format: "date-time" };

const end = {
  ...{ started: maybeMoment, finished: maybeMoment, durationMs: maybeWhole },
  ...{ exitCode: maybeWhole, signal: maybeText, reason: maybeText, message: maybeText },
  ...{ lastSeq: maybeWhole, lines: maybeWhole, bytes: maybeWhole, checksum: maybeText },
};

const task = {
  ...{ id: text, name: maybeText, status, detail: maybeText, user: maybeText, worker: maybeText },
  ...{ workerId: maybeText, containerId: maybeText, image: maybeText, command: texts, labels: map },
  ...{ cancelRequested: flag, created: maybeMoment },
  adopted: { ...record({ container: text, source: maybeText, limits: texts }), type: ["object", "null"] },
  ...end,
};

const spec = record({
  ...{ entrypoint: texts, env: texts, volumes: texts, constraints: texts, webhooks: texts },
  ...{ workdir: maybeText, user: maybeText, network: maybeText, gpus: maybeText, pull: maybeText },
  ...{ runtime: maybeText, cpus: orNull({ type: "number" }), memoryBytes: maybeWhole },
  ...{ timeoutMs: maybeWhole, stopTimeoutMs: maybeWhole, tty: flag, keep: flag },
});

export const namedSchemas = {
  Error: record({ error: record({ code: text, message: text }) }),
  Task: record(task),
  TaskInFull: record({ ...task, spec }),
  Worker: record({
    ...{ id: text, name: text, connected: flag, labels: map, slots: whole, running: whole },
    ...{
      runtimes: texts,
      engine: maybeText,
      version: text,
      connectedSince: maybeMoment,
      lastSeen: maybeMoment,
    },
  }),
  Line: record({ seq: whole, time: { type: "string", format: "date-time" }, stream, text }, { cut: flag }),
  Gap: record({ fromSeq: whole, toSeq: whole, reason: text }, { count: whole }),
};

export const taskSchema = named("TaskInFull");
export const tasksSchema = record({ tasks: list(named("Task")) }, { next: text });
export const workersSchema = record({ workers: list(named("Worker")) });
export const infoSchema = record({ version: text, masterId: text, plugins: texts });
export const logInfoSchema = record({ epoch: text, firstSeq: whole, nextSeq: whole, complete: flag, status });
export const logPageSchema = record({
  ...{ epoch: text, nextSeq: whole, gaps: list(named("Gap")), scannedFrom: whole, scannedTo: whole },
  lines: list(named("Line")),
});
export const densitySchema = record({
  ...{ fromSeq: whole, toSeq: whole },
  buckets: list(record({ fromSeq: whole, toSeq: whole, lines: whole, errors: whole, timeMs: whole })),
});
