// A task's log over HTTP: what it is, a range of it, search and density. The live end is at /logs/<task>.

import {
  densityBucketsMax,
  httpLinesDefault,
  httpLinesMax,
  searchMatchesDefault,
  searchMatchesMax,
} from "../../../core/base/limits.ts";
import type { PluginHost } from "../../../core/plugin-api.ts";
import { createTextMatcher } from "../../../core/search/text-matcher.ts";
import { answerJson, answerJsonText } from "../http/answer.ts";
import { attachment } from "../http/attachment.ts";
import { BodyStream } from "../http/body-stream.ts";
import { neverStored } from "../http/headers.ts";
import { exportLog } from "../log/log-export.ts";
import { readLogPage } from "../log/log-page.ts";
import { LogRange } from "../log/log-range.ts";
import { searchLog } from "../log/log-search.ts";
import { lookAhead, MissingLines, missingHeader } from "../log/missing-lines.ts";
import type { LogInfo, LogPageAnswer } from "./answers.ts";
import { type ApiCall, type ApiParameter, type ApiRoute, clientSignal } from "./route.ts";
import { densitySchema, logInfoSchema, logPageSchema } from "./schemas.ts";

const ndjsonType = "application/x-ndjson";
const filters: readonly ApiParameter[] = [
  { name: "streams", description: "both by default", choices: ["stdout", "stderr"] },
  { name: "include", description: "only lines that match this pattern (RE2)" },
  { name: "exclude", description: "no lines that match this pattern (RE2)" },
];

export const logRoutes: readonly ApiRoute[] = [
  {
    id: "getLogInfo",
    method: "GET",
    path: "/tasks/{ref}/log/info",
    answer: logInfoSchema,
    summary: "What there is of a log: its epoch, the first seq it still has, the seq the next line will get.",
    async handle(call) {
      const { task, range } = await open(call);
      const { epoch, firstSeq, nextSeq, complete } = await range.info();
      const info: LogInfo = { epoch, firstSeq, nextSeq, complete, status: task.status };
      await answerJson(call.request, call.response, info);
    },
  },
  {
    id: "readLog",
    method: "GET",
    path: "/tasks/{ref}/log",
    answer: logPageSchema,
    summary: "A range of a log. JSON gives one page; text and NDJSON give all of the range, as a stream.",
    query: [
      { name: "format", description: "json by default", choices: ["json", "text", "ndjson"] },
      {
        name: "from",
        description: "first seq; with json by default the first that is kept",
        type: "integer",
      },
      { name: "to", description: "last seq, inclusive; the last there is by default", type: "integer" },
      {
        name: "since",
        description:
          "from the first line of this time (RFC 3339, Unix seconds, or 10m for so long ago) on, instead of `from`",
      },
      { name: "tail", description: "the last so many lines, instead of `from`", type: "integer" },
      { name: "limit", description: `lines at most; with json at most ${httpLinesMax}`, type: "integer" },
      { name: "backwards", description: "json: the last `limit` lines of the range", type: "boolean" },
      { name: "download", description: "text, ndjson: as a file", type: "boolean" },
      ...filters,
    ],
    answers: ["application/json", "text/plain", ndjsonType],
    async handle(call) {
      const format = call.query.choice("format", ["json", "text", "ndjson"]) ?? "json";
      if (format === "json") await answerPage(call);
      else await answerExport(call, format);
    },
  },
  {
    id: "searchLog",
    method: "GET",
    path: "/tasks/{ref}/log/search",
    summary:
      "Looks for a text through a log. Each line of the answer is a step: how far it has come and what it has found; the last one says why it ended.",
    query: [
      { name: "q", description: "the text", isRequired: true },
      { name: "regex", description: "`q` is a pattern (RE2)", type: "boolean" },
      { name: "case", description: "capital and small letters are not the same", type: "boolean" },
      { name: "from", description: "first seq to look at, in both directions", type: "integer" },
      { name: "direction", description: "next by default", choices: ["next", "prev"] },
      { name: "limit", description: `matching lines, at most ${searchMatchesMax}`, type: "integer" },
      ...filters,
    ],
    answers: [ndjsonType],
    handle: answerSearch,
  },
  {
    id: "getLogDensity",
    method: "GET",
    path: "/tasks/{ref}/log/density",
    answer: densitySchema,
    summary: "Lines and errors of a log over time, in spans of equal length.",
    query: [
      {
        name: "buckets",
        description: `spans, at most ${densityBucketsMax}; 200 by default`,
        type: "integer",
      },
    ],
    async handle(call) {
      const { range, signal } = await open(call);
      const buckets = Math.max(1, call.query.count("buckets", 200, densityBucketsMax));
      const density = await call.densities.of(range, buckets, signal);
      if (!signal.aborted) await answerJson(call.request, call.response, density);
    },
  },
];

type Task = Awaited<ReturnType<PluginHost["tasks"]["get"]>>;

async function open(call: ApiCall): Promise<{ task: Task; range: LogRange; signal: AbortSignal }> {
  const signal = clientSignal(call);
  const task = await call.host.tasks.get(call.ref);
  return { task, range: new LogRange(call.host, task.id, signal), signal };
}

/** The asked range within what there is now; `first` is where it begins by default, if that is not behind its end. */
async function bounds(
  { query }: ApiCall,
  range: LogRange,
  first: number,
  nextSeq: number,
): Promise<{ from: number; to: number }> {
  const to = Math.min(nextSeq - 1, query.count("to", nextSeq - 1));
  const since = query.time("since");
  if (since !== undefined) return { from: await range.seqAt(since), to };
  const tail = query.text("tail") === undefined ? undefined : query.count("tail", 0);
  const from = tail === undefined ? query.count("from", first <= to ? first : 1) : to - tail + 1;
  return { from: Math.max(1, from), to };
}

async function answerPage(call: ApiCall): Promise<void> {
  const { query, request, response } = call;
  const { range, signal } = await open(call);
  const filter = query.filter();
  const backwards = query.flag("backwards");
  const limit = Math.max(1, query.count("limit", httpLinesDefault, httpLinesMax));
  const { epoch, firstSeq, nextSeq } = await range.info();
  const { from, to } = await bounds(call, range, firstSeq, nextSeq);
  using _search = filter && call.searches.enter();
  // It is held until the client has taken the answer: so long it costs memory.
  const place = await call.pages.enter(signal);
  if (signal.aborted) return place[Symbol.dispose]();
  response.once("close", () => place[Symbol.dispose]());
  // Without a filter it is known how many are looked at.
  const near = filter === undefined ? limit - 1 : Number.MAX_SAFE_INTEGER;
  const page = await readLogPage(
    range,
    {
      from: backwards ? Math.max(from, to - near) : from,
      to: backwards ? to : Math.min(to, from + near),
      limit,
      backwards,
      filter,
    },
    signal,
  );
  if (signal.aborted) return;
  const { lines, ...rest } = page;
  const answer: Omit<LogPageAnswer, "lines"> = { epoch, nextSeq, ...rest };
  const head = JSON.stringify(answer);
  await answerJsonText(request, response, `${head.slice(0, -1)},"lines":[${lines.join(",")}]}`);
}

async function answerExport(call: ApiCall, format: "text" | "ndjson"): Promise<void> {
  const { query, request, response } = call;
  const { task, range, signal } = await open(call);
  const filter = query.filter();
  const limit = query.count("limit", Number.MAX_SAFE_INTEGER);
  const { nextSeq } = await range.info();
  // A gap says what retention has removed from the beginning.
  const { from, to } = await bounds(call, range, 1, nextSeq);
  const type = format === "text" ? "text/plain; charset=utf-8" : ndjsonType;
  const disposition = attachment(task.spec?.name || task.id, format === "text" ? "log" : "ndjson");
  using _search = filter && call.searches.enter();
  using _place = await call.downloads.enter(signal);
  // A log that cannot be read gets its status: its first piece is there before the head is sent.
  const missing = new MissingLines();
  const stretches = await lookAhead(range.forwards(from, to), missing);
  const headers = {
    ...neverStored,
    ...missing.take(),
    "content-type": type,
    trailer: missingHeader,
    ...(query.flag("download") && { "content-disposition": disposition }),
  };
  const body = BodyStream.begin(request, response, headers, { encode: true });
  try {
    await exportLog(stretches, { limit, filter, format, missing }, body);
    await body.end(missing.take());
  } catch {
    // The head has left: only a cut tells the client that this is not all.
    response.destroy();
  }
}

async function answerSearch(call: ApiCall): Promise<void> {
  const { query, request, response } = call;
  const { range, signal } = await open(call);
  const matcher = createTextMatcher(
    { text: query.text("q") ?? "", isPattern: query.flag("regex"), caseSensitive: query.flag("case") },
    "q",
  );
  const direction = query.choice("direction", ["next", "prev"]) ?? "next";
  const search = {
    matcher,
    filter: query.filter(),
    direction,
    from: Math.max(1, query.count("from", direction === "next" ? 1 : Number.MAX_SAFE_INTEGER)),
    limit: Math.max(1, query.count("limit", searchMatchesDefault, searchMatchesMax)),
  };
  // A log that cannot be read gets its status: the first step is there before the head is sent.
  using _place = call.searches.enter();
  const steps = searchLog(range, search, signal);
  const first = await steps.next();
  const body = BodyStream.begin(request, response, { ...neverStored, "content-type": ndjsonType });
  try {
    for (let step = first; !step.done && !body.signal.aborted; step = await steps.next()) {
      await body.write(`${JSON.stringify(step.value)}\n`);
    }
    await body.end();
  } catch {
    response.destroy();
  } finally {
    await steps.return(undefined);
  }
}
