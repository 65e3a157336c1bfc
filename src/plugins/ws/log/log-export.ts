// All of a range as text or NDJSON, written at the client's pace. Text that no filter narrows is passed on as the
// bytes it is.
import { LineBatch } from "../../../core/log/line-batch.ts";
import type { LineFilter } from "../../../core/search/line-filter.ts";
import type { BodyStream } from "../http/body-stream.ts";
import { lineJson } from "../line-json.ts";
import type { Stretch } from "./log-range.ts";
import type { MissingLines } from "./missing-lines.ts";

export interface ExportRequest {
  /** Lines at most. */
  readonly limit: number;
  readonly filter: LineFilter | undefined;
  readonly format: "text" | "ndjson";
  /** Is told of each gap. */
  readonly missing: MissingLines;
}

/** Resolves when all is handed on or the client has gone. Gaps stand in NDJSON only: `{ "gap": … }`. */
export async function exportLog(
  stretches: AsyncIterable<Stretch>,
  request: ExportRequest,
  body: BodyStream,
): Promise<void> {
  const { filter, format, missing } = request;
  let left = request.limit;
  for await (const stretch of stretches) {
    if (body.signal.aborted || left <= 0) return;
    if (!(stretch instanceof LineBatch)) {
      missing.add(stretch);
      if (format === "ndjson") await body.write(`${JSON.stringify({ gap: stretch })}\n`);
      continue;
    }
    if (filter === undefined) {
      const batch = stretch.slice(0, Math.min(stretch.count, left));
      left -= batch.count;
      await body.write(format === "text" ? batch.block : ndjson(batch));
    } else {
      const wanted = (await filter.select(stretch, body.signal)).slice(0, left);
      left -= wanted.length;
      if (wanted.length > 0)
        await body.write(format === "text" ? text(stretch, wanted) : ndjson(stretch, wanted));
    }
  }
}

function ndjson(batch: LineBatch, wanted?: readonly number[]): string {
  const lines: string[] = [];
  const count = wanted?.length ?? batch.count;
  for (let place = 0; place < count; place++) lines.push(lineJson(batch, wanted?.[place] ?? place));
  return `${lines.join("\n")}\n`;
}

function text(batch: LineBatch, wanted: readonly number[]): Uint8Array {
  return Buffer.concat(wanted.map((index) => batch.text.subarray(batch.startOf(index), batch.endOf(index))));
}
