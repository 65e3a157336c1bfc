// The HTTP API: finds the route of a request in the one table and answers it.
import type { IncomingMessage, ServerResponse } from "node:http";
import { TasklogError } from "../../../core/base/errors.ts";
import { answerJson, answerMethod, readMethods } from "../http/answer.ts";
import { decoded } from "../http/path.ts";
import { logRoutes } from "./log-routes.ts";
import { masterRoutes } from "./master-routes.ts";
import { describeApi } from "./openapi.ts";
import { Query } from "./query.ts";
import type { ApiParts, ApiRoute } from "./route.ts";
import { taskRoutes } from "./task-routes.ts";

const apiRoutes: readonly ApiRoute[] = [
  ...masterRoutes,
  ...taskRoutes,
  ...logRoutes,
  {
    id: "describeApi",
    method: "GET",
    path: "/openapi.json",
    answer: { type: "object" },
    summary: "This description.",
    async handle({ host, request, response }) {
      await answerJson(request, response, describeApi(apiRoutes, host.master.version));
    },
  },
];

/** `path` is below /api/v1. @throws TasklogError as the table of codes has it. */
export async function answerApi(
  parts: ApiParts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  params: URLSearchParams,
): Promise<void> {
  const found = apiRoutes
    .map((route) => ({ route, match: patternOf(route).exec(path) }))
    .filter(({ match }) => match !== null);
  const method = request.method === "HEAD" ? "GET" : request.method;
  const chosen = found.find(({ route }) => route.method === method);
  if (chosen !== undefined) {
    const ref = decoded(chosen.match?.groups?.["ref"] ?? "");
    await chosen.route.handle({ ...parts, request, response, query: new Query(params), ref });
    return;
  }
  if (found.length === 0) {
    throw new TasklogError(
      "not_found",
      `there is no /api/v1${path} here; /api/v1/openapi.json tells what there is`,
    );
  }
  const allowed = found.flatMap(({ route }) => (route.method === "GET" ? readMethods : [route.method]));
  answerMethod(request, response, `/api/v1${path}`, allowed);
}

const patterns = new Map<ApiRoute, RegExp>();

function patternOf(route: ApiRoute): RegExp {
  const known = patterns.get(route);
  if (known !== undefined) return known;
  const pattern = new RegExp(`^${route.path.replaceAll(".", "\\.").replace("{ref}", "(?<ref>[^/]+)")}$`);
  patterns.set(route, pattern);
  return pattern;
}
