// The frames of the sub-protocol tasklog.v1 as bytes of JSON text. docs/http-api.md describes them.
import type { TasklogError } from "../../../core/base/errors.ts";
import type { LineBatch } from "../../../core/log/line-batch.ts";
import type { LogItem } from "../../../core/log/log-item.ts";
import { SharedByBatch } from "../../../core/log/shared-by-batch.ts";
import { toCompletionJson } from "../../../core/plugin-api.ts";
import type { LineFilter } from "../../../core/search/line-filter.ts";
import { lineTuple } from "../line-json.ts";

const decoder = new TextDecoder();
const all = new SharedByBatch((batch, task) => {
  const lines: string[] = [];
  for (let index = 0; index < batch.count; index++) lines.push(lineTuple(batch, index));
  return Buffer.from(
    `{"type":"lines","task":${JSON.stringify(task)},"firstSeq":${batch.firstSeq},"lines":[${lines.join(",")}]}`,
  );
});

export function linesFrame(task: string, batch: LineBatch): Buffer {
  return all.of(batch, task);
}

/** Undefined: nothing of it passes the filter. @throws the signal's reason. */
export async function filteredFrame(
  task: string,
  batch: LineBatch,
  filter: LineFilter,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const wanted = await filter.select(batch, signal);
  if (wanted.length === batch.count) return all.of(batch, task);
  if (wanted.length === 0) return undefined;
  const seqs = wanted.map((index) => batch.firstSeq + index);
  const lines = wanted.map((index) => lineTuple(batch, index));
  return Buffer.from(
    `{"type":"lines","task":${JSON.stringify(task)},"firstSeq":${seqs[0]},"seqs":${JSON.stringify(seqs)},"lines":[${lines.join(",")}]}`,
  );
}

/** Encodes every item but lines. */
export function itemFrame(task: string, item: Exclude<LogItem, { kind: "batch" }>): Buffer {
  switch (item.kind) {
    case "start": {
      const { epoch, firstSeq, nextSeq, recovered } = item;
      return toFrame({ type: "start", task, epoch, firstSeq, nextSeq, recovered });
    }
    case "gap": {
      const { fromSeq, toSeq, count, reason } = item;
      return toFrame({ type: "gap", task, fromSeq, toSeq, count, reason });
    }
    case "status": {
      const { status, detail, progress } = item;
      return toFrame({ type: "status", task, status, detail, progress });
    }
    case "partial": {
      const { stream, text } = item;
      return toFrame({
        type: "partial",
        task,
        stream: stream === "stderr" ? 1 : 0,
        text: decoder.decode(text),
      });
    }
    case "complete":
      return toFrame({ type: "complete", task, completion: toCompletionJson(item.completion) });
  }
}

export function errorFrame(task: string | undefined, { code, message }: TasklogError): Buffer {
  return toFrame({ type: "error", task, code, message });
}

function toFrame(frame: object): Buffer {
  return Buffer.from(JSON.stringify(frame));
}
