// Puts the plugin together: options to parts, parts to each other, and their end.
import { readFile } from "node:fs/promises";
import { TasklogError } from "../../core/base/errors.ts";
import { parseWebhookUrl, redactedUrl } from "../../core/base/webhook-url.ts";
import { isFinal, type TaskStatus } from "../../core/log/log-item.ts";
import type { PluginHost, Task } from "../../core/plugin-api.ts";
import { addAnswers } from "./answers.ts";
import { CallBook, dueIn } from "./call-book.ts";
import { Caller } from "./caller.ts";
import { readLastLines } from "./last-lines.ts";
import { callId, completedType, type EventContext, eventBody, startedType } from "./payload.ts";
import { delayAfter, parseSchedule } from "./schedule.ts";
import { parseSecret, signingKeyOf } from "./signing.ts";
import { TargetGuard } from "./target-guard.ts";
import { TaskWatch } from "./task-watch.ts";

export interface WebhookOptions {
  readonly urls: readonly string[];
  readonly statuses: readonly string[];
  readonly events: readonly string[];
  readonly lines: number;
  readonly secrets: readonly string[];
  readonly "secret-file": string | undefined;
  readonly "allow-hosts": readonly string[];
  readonly link: string | undefined;
  readonly schedule: readonly string[];
}

/** @throws TasklogError "invalid" for an option that cannot be meant. */
export async function startWebhooks(host: PluginHost<WebhookOptions>): Promise<AsyncDisposable> {
  const { options } = host;
  const urls = options.urls.map((url) => parseWebhookUrl(url).href);
  for (const event of options.events) requireOneOf("events", event, ["completed", "started"]);
  for (const status of options.statuses) {
    requireOneOf("statuses", status, ["success", "failed", "cancelled", "lost"]);
  }
  const keysOf = await createKeys(host);
  const book = await CallBook.load(host.keyValue);
  const delivered = host.metrics.counter("delivered_total", "Calls that their receivers took.");
  const givenUp = host.metrics.counter("given_up_total", "Calls that nobody took.");
  const dropped = host.metrics.counter(
    "dropped_total",
    "Calls that were not kept, because there were too many.",
  );
  host.metrics.gauge(
    "waiting",
    "Calls that are not delivered yet.",
    () => [...book.calls()].filter(({ nextMs }) => nextMs !== 0).length,
  );
  const schedule = parseSchedule(options.schedule);
  const caller = new Caller({
    book,
    guard: new TargetGuard(options["allow-hosts"]),
    keysOf,
    schedule,
    logger: host.logger,
    signal: host.signal,
    onDelivered: () => delivered.add(),
    onGivenUp: () => givenUp.add(),
  });
  const context: EventContext = {
    masterId: host.master.masterId,
    linkBase: options.link ?? host.master.httpUrl,
  };

  /** Those of the options, unless they want other statuses, and the task's own; without those that said 410. */
  const targets = (task: Task): string[] => {
    const own = (task.spec?.webhooks ?? []).map((url) => parseWebhookUrl(url).href);
    const { statuses } = options;
    const isAnybodys = statuses.length === 0 || !isFinal(task.status) || statuses.includes(task.status);
    return [...new Set([...(isAnybodys ? urls : []), ...own])].filter((url) => !book.gone.has(url));
  };
  const tell = async (event: "started" | "completed", task: Task): Promise<void> => {
    const to = options.events.includes(event) ? targets(task) : [];
    if (to.length === 0) return;
    const lines = event === "completed" ? await readLastLines(host, task.id, options.lines) : [];
    // Calls that the end of the plugin interrupted are made again at its next start.
    if (host.signal.aborted) throw new TasklogError("aborted", "the plugin ends");
    const type = event === "completed" ? completedType : startedType;
    for (const url of to) {
      const id = callId(type, task, url);
      const call = {
        id,
        url,
        type,
        taskId: task.id,
        createdMs: Date.now(),
        attempts: 0,
        ...dueIn(delayAfter(0, schedule) ?? 0),
        lastMs: 0,
        lastStatus: 0,
        lastError: "",
      };
      if (await book.add(call, eventBody(id, type, task, lines, context))) continue;
      dropped.add();
      host.logger.error(
        `too many calls are waiting; the call to ${redactedUrl(url)} for ${task.id} is dropped`,
      );
    }
  };
  const wantsAll = urls.length > 0;
  const isWanted = (task: Task): boolean => wantsAll || (task.spec?.webhooks ?? []).length > 0;
  addAnswers(host, { book, caller, keysOf, context });
  const { done } = await new TaskWatch({ host, isWanted, tell }).start();
  return {
    async [Symbol.asyncDispose]() {
      await done;
      await caller.settle();
    },
  };
}

/** The keys to sign calls to a URL with: those of the options, or one of the URL's own. */
async function createKeys({
  options,
  keyValue,
}: PluginHost<WebhookOptions>): Promise<(url: string) => readonly Buffer[]> {
  const file = options["secret-file"];
  const secrets = file === undefined ? options.secrets : await readSecrets(file);
  if (secrets.length > 0) {
    const keys = secrets.map(parseSecret);
    return () => keys;
  }
  const known = await keyValue.get("key");
  const masterKey =
    known === undefined
      ? Buffer.from(crypto.getRandomValues(new Uint8Array(32)))
      : Buffer.from(known, "base64");
  if (known === undefined) await keyValue.set("key", masterKey.toString("base64"));
  return (url) => [signingKeyOf(masterKey, url)];
}

async function readSecrets(file: string): Promise<string[]> {
  try {
    const lines = (await readFile(file, "utf8")).split("\n").map((line) => line.trim());
    const secrets = lines.filter((line) => line !== "" && !line.startsWith("#"));
    if (secrets.length > 0) return secrets;
  } catch (error) {
    throw new TasklogError(
      "invalid",
      `the secret-file ${file} cannot be read: ${TasklogError.from(error).message}`,
      {
        cause: error,
      },
    );
  }
  throw new TasklogError("invalid", `the secret-file ${file} has no secret in it`);
}

function requireOneOf(option: string, given: string, known: readonly (TaskStatus | string)[]): void {
  if (known.includes(given)) return;
  throw new TasklogError(
    "invalid",
    `the option ${option} has ${JSON.stringify(given)} in it; it takes ${known.join(", ")}`,
  );
}
