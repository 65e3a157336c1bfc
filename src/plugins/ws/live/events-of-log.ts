// A task's log as Server-Sent Events, for curl, proxies and `EventSource`: each line a message whose id is its seq, so
// that a browser that reconnects by itself goes on behind the last one it had.
//
// A stream that ends would be asked for again for ever; so the completion has an id of its own, and whoever comes back
// with that one gets 204, which tells a browser to stop.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { LineBatch } from "../../../core/log/line-batch.ts";
import { SharedByBatch } from "../../../core/log/shared-by-batch.ts";
import { type LogUpdate, toCompletionJson } from "../../../core/plugin-api.ts";
import type { LineFilter } from "../../../core/search/line-filter.ts";
import { EventStream, toEvent } from "../http/event-stream.ts";
import { neverStored } from "../http/headers.ts";
import { lineJson } from "../line-json.ts";
import { toLogRequest } from "./log-request.ts";
import type { LogStreams } from "./log-streams.ts";

const completeSuffix = ".complete";

const all = new SharedByBatch((batch) =>
  Buffer.from(
    toMessages(
      batch,
      Array.from({ length: batch.count }, (_, index) => index),
    ),
  ),
);

/** Resolves when the log, or the client, has come to its end. @throws TasklogError "invalid" before anything was sent. */
export async function answerEventsOfLog(
  stream: LogStreams,
  taskId: string,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  const last = String(request.headers["last-event-id"] ?? "");
  if (last.endsWith(completeSuffix)) {
    response.writeHead(204, neverStored);
    response.end();
    return;
  }
  const seen = /^\d{1,15}$/.test(last) ? Number(last) : undefined;
  const { options, filter } = toLogRequest((name) => query.get(name) ?? undefined);
  using events = new EventStream(request, response);
  const handle = async (update: LogUpdate) => {
    const text = await toEvents(update, filter, events.signal);
    if (text !== undefined) await events.write(text);
  };
  const from = seen === undefined ? options : { from: { fromSeq: seen + 1 } };
  const failure = await stream(events.signal, taskId, handle, from);
  if (failure !== undefined) {
    const { code, message } = failure;
    await events.write(toEvent("failure", { code, message }));
  }
  await events.end();
}

async function toEvents(
  { item }: LogUpdate,
  filter: LineFilter | undefined,
  signal: AbortSignal,
): Promise<string | Buffer | undefined> {
  switch (item.kind) {
    case "batch": {
      const wanted = await filter?.select(item.batch, signal);
      if (wanted === undefined) return all.of(item.batch, "");
      return wanted.length === 0 ? undefined : toMessages(item.batch, wanted);
    }
    case "gap": {
      const { fromSeq, toSeq, count, reason } = item;
      return toEvent("gap", { fromSeq, toSeq, count, reason }, String(toSeq));
    }
    case "status": {
      const { status, detail, progress } = item;
      return toEvent("status", { status, detail, progress });
    }
    case "complete":
      return toEvent(
        "complete",
        toCompletionJson(item.completion),
        `${item.completion.lastSeq}${completeSuffix}`,
      );
    case "start": {
      const { epoch, firstSeq, nextSeq, recovered } = item;
      return toEvent("start", { epoch, firstSeq, nextSeq, recovered });
    }
    case "partial":
      return undefined;
  }
}

function toMessages(batch: LineBatch, indexes: readonly number[]): string {
  return indexes
    .map((index) => `id: ${batch.firstSeq + index}\ndata: ${lineJson(batch, index)}\n\n`)
    .join("");
}
