// The plugin's answers to `tasklog webhooks`, over Master.CallPlugin: JSON in, JSON out.
import { randomUUID } from "node:crypto";
import { TasklogError } from "../../core/base/errors.ts";
import { parseWebhookUrl } from "../../core/base/webhook-url.ts";
import type { PluginHost } from "../../core/plugin-api.ts";
import { type Call, type CallBook, dueIn } from "./call-book.ts";
import type { Caller } from "./caller.ts";
import { type EventContext, testBody } from "./payload.ts";
import { formatSecret } from "./signing.ts";

/** The answer of `list`. */
export interface WebhookList {
  readonly calls: readonly Omit<Call, "nextAt">[];
  /** URLs that answered 410 and are not called any more. */
  readonly gone: readonly string[];
}

/** The answer of `test`: delivered when `error` is empty. */
export interface WebhookTest {
  readonly id: string;
  readonly status: number;
  readonly error: string;
  readonly tookMs: number;
}

export interface AnswerParts {
  readonly book: CallBook;
  readonly caller: Caller;
  readonly keysOf: (url: string) => readonly Buffer[];
  readonly context: EventContext;
}

export function addAnswers(
  host: Pick<PluginHost, "answer">,
  { book, caller, keysOf, context }: AnswerParts,
): void {
  host.answer(
    "list",
    (): WebhookList => ({
      calls: [...book.calls()].map(({ nextAt: _, ...call }) => call),
      gone: [...book.gone],
    }),
  );

  // `{ ids: [...] }`, or `{}` for all that are given up. Their URLs are called again although they said 410.
  host.answer("retry", async (input) => {
    const ids = textsOf(input, "ids");
    const all = [...book.calls()];
    const wanted =
      ids === undefined ? all.filter(({ nextMs }) => nextMs === 0) : ids.map((id) => find(all, id));
    for (const call of wanted) {
      await book.setBack(call.url);
      await book.update({ ...call, attempts: 0, ...dueIn(0) });
    }
    return { retried: wanted.map(({ id }) => id) };
  });

  // `{ url }`: one call, now, from the master; nothing is kept of it.
  host.answer("test", async (input, { signal }): Promise<WebhookTest> => {
    const url = urlOf(input);
    const id = `msg_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
    const fromMs = performance.now();
    const { status, error } = await caller.attempt(id, url, testBody(id, context.masterId), signal);
    return { id, status, error, tookMs: Math.round(performance.now() - fromMs) };
  });

  // `{ url }`: what its receiver verifies with.
  host.answer("secret", (input) => ({ secrets: keysOf(urlOf(input)).map(formatSecret) }));
}

function find(calls: readonly Call[], ref: string): Call {
  const found = calls.filter(({ id }) => id === ref || (ref.length >= 6 && id.startsWith(ref)));
  if (found.length === 1) return found[0] as Call;
  if (found.length === 0)
    throw new TasklogError("not_found", `there is no undelivered call ${JSON.stringify(ref)}`);
  throw new TasklogError("ambiguous", `${ref} could be ${found.map(({ id }) => id).join(", ")}`);
}

function textsOf(input: unknown, key: string): string[] | undefined {
  const value = (input as Record<string, unknown> | undefined | null)?.[key];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((text) => typeof text === "string")) return value;
  throw new TasklogError("invalid", `${key} must be a list of texts`);
}

function urlOf(input: unknown): string {
  const url = (input as { url?: unknown } | undefined | null)?.url;
  if (typeof url !== "string") throw new TasklogError("invalid", "a url is needed");
  return parseWebhookUrl(url).href;
}
