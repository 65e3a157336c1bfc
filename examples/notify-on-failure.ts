// A tasklog plugin: says in a chat when a task has failed, with the last lines of its log.
//
//   tasklog up --plugins ws,./notify-on-failure.ts --plugin-option notify-on-failure.url=https://chat.example/hooks/…
//
// Nothing has to be installed for it. Slack, Mattermost and Rocket.Chat take { text }; Discord calls it { content }.
import { definePlugin } from "tasklog/plugin";

export default definePlugin({
  name: "notify-on-failure",
  description: "says in a chat when a task has failed",
  options: {
    url: { type: "string", default: "", description: "incoming webhook of the chat" },
    lines: { type: "number", default: 5, min: 0, max: 50, description: "last lines of the log to show" },
  },
  async start({ options, events, tasks, streamTaskLogsUnified, signal, logger }) {
    if (options.url === "") throw new Error("it needs --plugin-option notify-on-failure.url=https://…");

    async function notify(id: string): Promise<void> {
      const { spec, completion } = await tasks.get(id);
      const text = [`${spec?.name || id} failed (exit code ${completion?.exitCode})`];
      const keep = (update: { lines?: { lines(): Iterable<{ text: string }> } }) => {
        for (const line of update.lines?.lines() ?? []) text.push(line.text);
      };
      await streamTaskLogsUnified(signal, id, "", keep, { from: { tail: options.lines }, follow: false });
      const body = JSON.stringify({ text: text.join("\n") });
      const { ok, status } = await fetch(options.url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal,
      });
      if (!ok) throw new Error(`the chat answers ${status}`);
    }

    const following = (async () => {
      for await (const event of events()) {
        if (event.kind !== "task_completed" || event.task.status !== "failed") continue;
        await notify(event.task.id).catch((error) => logger.warn(`nobody was told: ${error.message}`));
      }
    })();
    return { [Symbol.asyncDispose]: () => following };
  },
});
