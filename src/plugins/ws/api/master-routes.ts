// The routes beside tasks: facts about the master, and its stream of events.
import { httpTasksMax } from "../../../core/base/limits.ts";
import { toTaskJson, toWorkerJson } from "../../../core/plugin-api.ts";
import { answerJson } from "../http/answer.ts";
import { EventStream, toEvent } from "../http/event-stream.ts";
import type { Snapshot } from "./answers.ts";
import type { ApiCall, ApiRoute } from "./route.ts";
import { infoSchema } from "./schemas.ts";

export const masterRoutes: readonly ApiRoute[] = [
  {
    id: "getInfo",
    method: "GET",
    path: "/info",
    answer: infoSchema,
    summary: "The master: its version, its id, its plugins.",
    async handle({ host, request, response }) {
      const { version, masterId, plugins } = host.master;
      await answerJson(request, response, { version, masterId, plugins });
    },
  },
  {
    id: "followEvents",
    method: "GET",
    path: "/events",
    summary: `What happens, as Server-Sent Events: \`snapshot\` with the newest ${httpTasksMax} tasks, older ones that still run, and all workers, then \`task\` and \`worker\` with each change. After a break, or where a reader was too slow, there is a new snapshot.`,
    answers: ["text/event-stream"],
    handle: answerEvents,
  },
];

async function answerEvents({ host, request, response }: ApiCall): Promise<void> {
  using stream = new EventStream(request, response);
  const events = host.events(stream.signal);
  const snapshot = async () => {
    const [newest, running, workers] = await Promise.all([
      host.tasks.list({ limit: httpTasksMax }),
      host.tasks.list({ status: ["starting", "running"], limit: httpTasksMax }),
      host.workers.list(),
    ]);
    const tasks = new Map([...newest, ...running].map((task) => [task.id, toTaskJson(task)]));
    const all: Snapshot = { tasks: [...tasks.values()], workers: workers.map(toWorkerJson) };
    await stream.write(toEvent("snapshot", all));
  };
  await snapshot();
  for await (const event of events) {
    if (event.kind === "missed") await snapshot();
    else if ("task" in event) await stream.write(toEvent("task", toTaskJson(event.task)));
    else await stream.write(toEvent("worker", toWorkerJson(event.worker)));
  }
  await stream.end();
}
