// The description of the API, made from the table of its routes (OpenAPI 3.1).
import type { ApiParameter, ApiRoute } from "./route.ts";
import { namedSchemas } from "./schemas.ts";

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
    components: { schemas: namedSchemas },
  };
}

const failure = {
  description: "What is wrong, and what to do.",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

const text = { type: "string" };

const liveLog = {
  operationId: "followLog",
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

function operationOf({
  id,
  path,
  summary,
  query = [],
  body,
  answer,
  answers,
  status = 200,
}: ApiRoute): object {
  const types = answers ?? ["application/json"];
  const contentOf = (type: string) => (type === "application/json" && answer ? { schema: answer } : {});
  return {
    operationId: id,
    summary,
    parameters: [...(path.includes("{ref}") ? [ref()] : []), ...query.map(parameterOf)],
    ...(body && { requestBody: { content: { "application/json": { schema: body } } } }),
    responses: {
      [status]: {
        description: "As asked.",
        content: Object.fromEntries(types.map((type) => [type, contentOf(type)])),
      },
      default: failure,
    },
  };
}

function parameterOf({
  name,
  description,
  type = "string",
  choices,
  isList,
  isRequired,
}: ApiParameter): object {
  const schema = { type, ...(choices && { enum: choices }) };
  return {
    name,
    in: "query",
    description,
    ...(isRequired && { required: true }),
    schema: isList ? { type: "array", items: schema } : schema,
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
