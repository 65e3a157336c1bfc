// Tasks and workers over HTTP: list, look at, submit, cancel, run again.
import { TasklogError } from "../../../core/base/errors.ts";
import { httpTasksDefault, httpTasksMax, previousMax } from "../../../core/base/limits.ts";
import { type TaskStatus, taskStatuses } from "../../../core/log/log-item.ts";
import {
  type Task,
  type TaskFilter,
  toTaskJson,
  toTaskJsonInFull,
  toWorkerJson,
} from "../../../core/plugin-api.ts";
import { answerJson } from "../http/answer.ts";
import { readJsonBody } from "../http/request-body.ts";
import type { TasksAnswer } from "./answers.ts";
import type { ApiRoute } from "./route.ts";
import { taskSchema, tasksSchema, workersSchema } from "./schemas.ts";
import { specSchema, toSpec } from "./spec-body.ts";

/** The user of tasks that are submitted from a browser: there are no users here yet. */
const webUser = "web";
/** Tasks looked through for a search before the answer says where to go on. */
const tasksSearchedMax = 20_000;

export const taskRoutes: readonly ApiRoute[] = [
  {
    id: "listTasks",
    method: "GET",
    path: "/tasks",
    answer: tasksSchema,
    summary: "Tasks, newest first. `next` is there when there are more: give it as `before`.",
    query: [
      { name: "status", description: "only with one of these", choices: taskStatuses, isList: true },
      { name: "user", description: "only of this one" },
      { name: "worker", description: "only on this one: name or id" },
      { name: "label", description: "key or key=value; all of them", isList: true },
      { name: "q", description: "a text in id, name, image, command or labels" },
      { name: "limit", description: `at most ${httpTasksMax}`, type: "integer" },
      { name: "before", description: "the `next` of the answer before" },
    ],
    async handle({ host, query, request, response }) {
      const limit = Math.max(1, query.count("limit", httpTasksDefault, httpTasksMax));
      const q = query.text("q")?.toLowerCase();
      const filter: TaskFilter = {
        status: query.list("status").map(toStatus),
        userId: query.text("user") ?? "",
        worker: query.text("worker") ?? "",
        labels: query.texts("label"),
      };
      const { tasks, next } = await find(host.tasks.list, filter, q, limit, query.text("before") ?? "");
      const page: TasksAnswer = { tasks: tasks.map(toTaskJson), ...(next && { next }) };
      await answerJson(request, response, page);
    },
  },
  {
    id: "submitTask",
    method: "POST",
    path: "/tasks",
    answer: taskSchema,
    summary: "Submits a task.",
    body: { type: "object", properties: specSchema(), additionalProperties: false },
    status: 201,
    async handle({ host, request, response }) {
      const task = await host.tasks.submit(toSpec(await readJsonBody(request)), webUser);
      await answerJson(request, response, toTaskJsonInFull(task), 201);
    },
  },
  {
    id: "getTask",
    method: "GET",
    path: "/tasks/{ref}",
    answer: taskSchema,
    summary: "One task, by id, unique prefix or name.",
    query: [
      {
        name: "previous",
        description: "so many runs of the same name before that one",
        type: "integer",
      },
    ],
    async handle({ host, ref, query, request, response }) {
      const previous = query.count("previous", 0, previousMax);
      await answerJson(request, response, toTaskJsonInFull(await host.tasks.get(ref, previous)));
    },
  },
  {
    id: "cancelTask",
    method: "POST",
    path: "/tasks/{ref}/cancel",
    answer: taskSchema,
    summary: "Cancels a task; one that is finished stays as it is.",
    body: {
      type: "object",
      properties: { force: { type: "boolean", description: "at once, without the stop time-out" } },
      additionalProperties: false,
    },
    async handle({ host, ref, request, response }) {
      const { force = false, ...rest } = await readJsonBody(request);
      if (typeof force !== "boolean" || Object.keys(rest).length > 0) {
        throw new TasklogError("invalid", 'a cancel takes { "force": true or false } and nothing else');
      }
      await answerJson(request, response, toTaskJsonInFull(await host.tasks.cancel(ref, force)));
    },
  },
  {
    id: "runTaskAgain",
    method: "POST",
    path: "/tasks/{ref}/again",
    answer: taskSchema,
    summary: "Submits a new task like this one.",
    body: { type: "object", additionalProperties: false },
    status: 201,
    async handle({ host, ref, request, response }) {
      if (Object.keys(await readJsonBody(request)).length > 0) {
        throw new TasklogError(
          "invalid",
          "running a task again takes nothing; submit another one to change it",
        );
      }
      await answerJson(request, response, toTaskJsonInFull(await host.tasks.runAgain(ref, webUser)), 201);
    },
  },
  {
    id: "listWorkers",
    method: "GET",
    path: "/workers",
    answer: workersSchema,
    summary: "Workers, connected and away.",
    async handle({ host, request, response }) {
      const workers = await host.workers.list();
      await answerJson(request, response, { workers: workers.map(toWorkerJson) });
    },
  },
];

function toStatus(text: string): TaskStatus {
  const found = taskStatuses.find((status) => status === text);
  if (found !== undefined) return found;
  throw new TasklogError(
    "invalid",
    `there is no status ${JSON.stringify(text)}; there are ${taskStatuses.join(", ")}`,
  );
}

/** Reads on where a search leaves too few, within bounds. */
async function find(
  list: (filter: TaskFilter) => Promise<Task[]>,
  filter: TaskFilter,
  q: string | undefined,
  limit: number,
  before: string,
): Promise<{ tasks: Task[]; next?: string }> {
  const found: Task[] = [];
  let at = before;
  for (let seen = 0; seen < tasksSearchedMax; ) {
    const count = q === undefined ? limit + 1 : httpTasksMax;
    const page = await list({ ...filter, limit: count, before: at });
    for (const task of page) {
      if (q !== undefined && !textOf(task).includes(q)) {
        at = task.id;
        continue;
      }
      if (found.length === limit) return { tasks: found, next: at };
      found.push(task);
      at = task.id;
    }
    seen += page.length;
    if (page.length < count) return { tasks: found };
  }
  return { tasks: found, next: at };
}

function textOf({ id, spec }: Task): string {
  const labels = Object.entries(spec?.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return [id, spec?.name, spec?.image, ...(spec?.command ?? []), ...labels].join(" ").toLowerCase();
}
