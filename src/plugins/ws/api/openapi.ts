// The description of the API, made from the table of its routes (OpenAPI 3.1).
import type { ApiRoute } from "./route.ts";

export function describeApi(routes: readonly ApiRoute[], version: string): object {
  const paths: Record<string, Record<string, object>> = {
    "/logs/{ref}": { get: liveLog },
  };
  for (const route of routes) {
    const path = `/api/v1${route.path}`;
    paths[path] ??= {};
    (paths[path] as Record<string, object>)[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "tasklog",
      version,
      description: "Tasks and their logs. docs/http-api.md has the frames of the WebSocket and the events.",
    },
    paths,
    components: { schemas: { Error: errorSchema } },
  };
}

const errorSchema = {
  type: "object",
  properties: {
    error: {
      type: "object",
      properties: { code: { type: "string" }, message: { type: "string" } },
      required: ["code", "message"],
    },
  },
  required: ["error"],
};

const failure = {
  description: "What is wrong, and what to do.",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

const text = { type: "string" };

const liveLog = {
  summary:
    "A log as it grows: a WebSocket (without a sub-protocol, or tasklog.v1 for batches and several tasks), or Server-Sent Events with Accept: text/event-stream.",
  parameters: [
    ref(),
    ...["after", "from", "tail", "all", "streams", "include", "exclude"].map((name) => ({
      name,
      in: "query",
      schema: text,
    })),
  ],
  responses: {
    101: { description: "The socket is open." },
    200: { description: "Events.", content: { "text/event-stream": { schema: text } } },
    204: { description: "The last event was the completion; there is no more." },
    default: failure,
  },
};

function operationOf({ path, summary, query = [], body, answers, status = 200 }: ApiRoute): object {
  const types = answers ?? ["application/json"];
  return {
    summary,
    parameters: [
      ...(path.includes("{ref}") ? [ref()] : []),
      ...query.map(({ name, description, type = "string" }) => ({
        name,
        in: "query",
        description,
        schema: { type },
      })),
    ],
    ...(body && { requestBody: { content: { "application/json": { schema: body } } } }),
    responses: {
      [status]: {
        description: "As asked.",
        content: Object.fromEntries(types.map((type) => [type, {}])),
      },
      default: failure,
    },
  };
}

function ref(): object {
  return {
    name: "ref",
    in: "path",
    required: true,
    description: "a task's id, unique prefix or name",
    schema: text,
  };
}
