// `tasklog webhooks`: the calls of a master that nobody has taken yet. The plugin webhook itself answers.

import { TasklogError } from "../core/base/errors.ts";
import type { MasterClient } from "../core/rpc/master-client.ts";
import { toMoment } from "../core/rpc/task-json.ts";
import type { WebhookList, WebhookTest } from "../plugins/webhook/answers.ts";
import { withMaster } from "./client.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import type { Session } from "./framework/session.ts";
import { suggest } from "./framework/suggest.ts";
import { printable } from "./output/printable.ts";
import { formatAge, formatDuration } from "./output/quantities.ts";
import type { Style } from "./output/style.ts";
import { type Column, formatTable } from "./output/table.ts";

type Call = WebhookList["calls"][number];

/** The master waits 15 s for the receiver; in ms. */
const testCallMs = 20_000;
const webhookActions = ["list", "retry", "test", "secret"] as const;

export default defineCommand({
  meta: {
    name: "webhooks",
    description:
      "Shows the webhook calls of a master that are not delivered, sends them again, and tests a URL.",
  },
  args: {
    ACTION: { type: "positional", description: "list (the default), retry, test, secret" },
    WHAT: { type: "positional", multiple: true, description: "ids for retry; a URL for test and secret" },
    all: { type: "boolean", description: "retry: all calls that were given up" },
    json: { type: "boolean", description: "print NDJSON" },
    ...clientFlags,
  },
  examples: [
    { command: "tasklog webhooks", what: "what waits, what was given up, and why" },
    {
      command: "tasklog webhooks retry --all",
      what: "send what was given up again, to URLs that said 410, too",
    },
    { command: "tasklog webhooks test https://ci.example/hook", what: "one call, now, from the master" },
    { command: "tasklog webhooks secret https://ci.example/hook", what: "what its receiver verifies with" },
  ],
  notes: ["The master must run the plugin: tasklog up --plugins webhook."],
  run: ({ args, session }) =>
    withMaster({ args, session }, async ({ client, styles }) => {
      const action = actionOf(args.ACTION);
      if (action === "list") {
        const list = (await client.callPlugin("webhook", "list")) as WebhookList;
        await showList(list, args.json, session, styles.out);
        return 0;
      }
      if (action === "retry") {
        if (args.WHAT.length === 0 && !args.all) throw new TasklogError("usage", "retry needs ids, or --all");
        const answer = await client.callPlugin("webhook", "retry", args.all ? {} : { ids: args.WHAT });
        const { retried } = answer as { retried: string[] };
        await session.out.write(retried.map((id) => `${id}\n`).join(""));
        return 0;
      }
      if (args.WHAT.length === 0) throw new TasklogError("usage", `${action} needs a URL`);
      let failed = 0;
      for (const url of args.WHAT) {
        if (action === "secret") await showSecret(client, url, session);
        else if (!(await testUrl(client, url, args.json, session, styles.out))) failed += 1;
      }
      return failed === 0 ? 0 : 1;
    }),
});

function actionOf(word: string | undefined): (typeof webhookActions)[number] {
  const action = webhookActions.find((known) => known === (word ?? "list"));
  if (action !== undefined) return action;
  const near = suggest(word ?? "", [...webhookActions]);
  const hint = near ? `did you mean ${near}?` : `there are ${webhookActions.join(", ")}`;
  throw new TasklogError("usage", `"webhooks" knows no action "${word}": ${hint}`);
}

async function showList(list: WebhookList, json: boolean, session: Session, style: Style): Promise<void> {
  const { calls, gone } = list;
  if (json) {
    await session.out.write(calls.map((call) => `${JSON.stringify(toJson(call))}\n`).join(""));
    return;
  }
  for (const url of gone)
    await session.err.write(`not called any more, it answered 410: ${printable(url)}\n`);
  if (calls.length === 0) await session.err.write("all calls are delivered\n");
  else {
    const { columns: width } = session.out;
    await session.out.write(formatTable(calls, columns(style), { width, title: style.bold }));
  }
}

function toJson({ nextMs, createdMs, lastMs, ...call }: Call): Record<string, unknown> {
  const state = nextMs === 0 ? "given up" : "waiting";
  return { ...call, state, created: toMoment(createdMs), next: toMoment(nextMs), last: toMoment(lastMs) };
}

function columns(style: Style): Column<Call>[] {
  const nowMs = Date.now();
  return [
    { title: "CALL", text: ({ id }) => id, whole: true },
    { title: "TASK", text: ({ taskId }) => taskId, whole: true },
    {
      title: "STATE",
      text: ({ nextMs }) =>
        nextMs === 0
          ? "given up"
          : nextMs <= nowMs
            ? "sending"
            : `again in ${formatDuration(nextMs - nowMs)}`,
      style: (text, { nextMs }) => (nextMs === 0 ? style.red(text) : text),
    },
    { title: "TRIED", text: ({ attempts }) => `${attempts}`, align: "right" },
    { title: "AGE", text: ({ createdMs }) => formatAge(createdMs, nowMs), align: "right", dropRank: 1 },
    { title: "URL", text: ({ url }) => url },
    { title: "LAST", text: ({ lastError }) => lastError || "-" },
  ];
}

async function showSecret(client: MasterClient, url: string, session: Session): Promise<void> {
  const { secrets } = (await client.callPlugin("webhook", "secret", { url })) as { secrets: string[] };
  await session.out.write(secrets.map((secret) => `${secret}\n`).join(""));
}

async function testUrl(
  client: MasterClient,
  url: string,
  json: boolean,
  session: Session,
  style: Style,
): Promise<boolean> {
  const options = { timeoutMs: testCallMs, signal: session.signal };
  const result = (await client.callPlugin("webhook", "test", { url }, options)) as WebhookTest;
  const took = formatDuration(result.tookMs);
  const isTaken = result.error === "";
  const said = isTaken ? `taken with ${result.status} (${took})` : `${result.error} (${took})`;
  const mark = isTaken ? style.green("✓") : style.red("✗");
  const text = json ? JSON.stringify({ url, ...result }) : `${mark} ${printable(url)}: ${printable(said)}`;
  await session.out.write(`${text}\n`);
  return isTaken;
}
