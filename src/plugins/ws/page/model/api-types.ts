// The page's view of the HTTP API: the types are the server's own, so an answer that changes there is an error here.
// Beside them stand the task as the page keeps it and what of a log is asked for.
import type { TaskJson } from "../../../../core/plugin-api.ts";

export type { LogGap as Gap, TaskStatus } from "../../../../core/log/log-item.ts";
export { isFinal } from "../../../../core/log/log-item.ts";
export type {
  CompletionJson as Completion,
  TaskJson,
  WorkerJson as Worker,
} from "../../../../core/plugin-api.ts";
export type { LogInfo, LogPageAnswer as LogPage, Snapshot, TasksAnswer } from "../../api/answers.ts";
export type { LineJson as ApiLine } from "../../line-json.ts";
export type { DensityBucket as Bucket, LogDensity } from "../../log/log-density.ts";
export type { SearchStep } from "../../log/log-search.ts";

type Texts = "name" | "detail" | "user" | "worker" | "image" | "signal" | "reason" | "message";

/** A task as the page keeps it: what is not known is an empty text or 0. */
export interface Task
  extends Pick<TaskJson, "id" | "command" | "status" | "labels" | "exitCode" | "adopted">,
    Record<Texts, string>,
    Record<"lastSeq" | "bytes", number> {
  /** Milliseconds of the Unix epoch. */
  readonly createdMs: number;
  readonly startedMs: number;
  readonly finishedMs: number;
}

export type StreamChoice = "all" | "stdout" | "stderr";

/** The part of a log that is shown. Empty texts: everything. */
export interface LogFilter {
  /** Regular expressions. */
  include: string;
  exclude: string;
  streams: StreamChoice;
}

export const noFilter: LogFilter = { include: "", exclude: "", streams: "all" };

export function isFiltered({ include, exclude, streams }: LogFilter): boolean {
  return include !== "" || exclude !== "" || streams !== "all";
}
