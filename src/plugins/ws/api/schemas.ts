// What the JSON of the API looks like, for its description (JSON Schema, as OpenAPI 3.1 takes it). The tests hold every
// answer against these.
import { taskStatuses } from "./json.ts";
import { specSchema } from "./spec-body.ts";

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

function named(name: keyof typeof namedSchemas): object {
  return { $ref: `#/components/schemas/${name}` };
}

const { stopTimeoutMs, ...spec } = specSchema();

export const namedSchemas = {
  Error: record({ error: record({ code: text, message: text }) }),
  Task: record(
    {
      ...{
        id: text,
        name: text,
        image: text,
        command: texts,
        status,
        detail: text,
        user: text,
        worker: text,
      },
      ...{ labels: map, cancelRequested: flag, createdMs: whole, startedMs: whole, finishedMs: whole },
      ...{ exitCode: { type: ["integer", "null"] }, signal: text, reason: text, message: text },
      ...{ lastSeq: whole, lines: whole, bytes: whole, tty: flag },
      spec: record(spec, { stopTimeoutMs: stopTimeoutMs as object }),
    },
    { adopted: record({ container: text, source: text, limits: texts }) },
  ),
  Worker: record({
    ...{ id: text, name: text, labels: map, slots: whole, running: whole, connected: flag, version: text },
    ...{ engine: text, lastSeenMs: whole },
  }),
  Line: record({ seq: whole, time: { type: "string", format: "date-time" }, stream, text }, { cut: flag }),
  Gap: record({ fromSeq: whole, toSeq: whole, reason: text }, { count: whole }),
};

export const taskSchema = named("Task");
export const tasksSchema = record({ tasks: list(taskSchema) }, { next: text });
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
