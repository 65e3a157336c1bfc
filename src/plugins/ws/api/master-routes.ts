// The routes beside tasks: facts about the master, and its stream of events.
import { httpTasksMax } from "../../../core/base/limits.ts";
import { answerJson } from "../http/answer.ts";
import { EventStream } from "../http/event-stream.ts";
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

async function answerEvents({ host, feed, request, response }: ApiCall): Promise<void> {
  using stream = new EventStream(request, response);
  const events = host.events(stream.signal);
  await stream.write(await feed.snapshot());
  for await (const event of events) {
    await stream.write(event.kind === "missed" ? await feed.snapshot() : feed.text(event));
  }
  await stream.end();
}
