// Follows one task and shows it: the lines by what is asked for and by what stdout is.
import type { Completion } from "../../core/log/log-item.ts";
import type { Task } from "../../core/rpc/gen/tasklog/v1/task.ts";
import type { MasterContext } from "../client.ts";
import type { Session } from "../framework/session.ts";
import { createRawSink } from "../output/raw-sink.ts";
import { StatusLine } from "../output/status-line.ts";
import { type FollowOptions, followTask } from "./follow-task.ts";
import {
  createBlockWriter,
  createFormattedWriter,
  createJsonWriter,
  type LineWriter,
} from "./line-writer.ts";
import { needsCompression } from "./needs-compression.ts";
import { TaskView } from "./task-view.ts";

export interface ShowOptions
  extends Pick<FollowOptions, "start" | "follow" | "signal" | "untilTime" | "streams"> {
  readonly timestamps: boolean;
  readonly json: boolean;
  /** All that the task prints reaches a terminal. */
  readonly raw: boolean;
  /** Put before each line where several tasks are shown; padded to equal width. */
  readonly prefix?: string;
  readonly showCompletion?: (completion: Completion) => Promise<void>;
  /** The one of the terminal, where several tasks are shown on it. */
  readonly statusLine?: StatusLine;
}

/** Resolves to how the task ended, undefined where that was not waited for. */
export async function showTask(
  { client, styles }: MasterContext,
  session: Session,
  task: Task,
  options: ShowOptions,
): Promise<Completion | undefined> {
  const view = createTaskView(session, styles, task.id, task.spec?.name || task.id, options);
  const items = followTask(client, {
    ...options,
    taskId: task.id,
    compress: await needsCompression(client),
    onLost: (error) => void view.notice(`${error.message}; trying again`),
  });
  try {
    for await (const item of items) {
      await view.show(item);
      if (item.kind === "complete") return item.completion;
    }
  } finally {
    await view.close();
  }
  return undefined;
}

/** `name` is what the task, or the container, is called in words. */
export function createTaskView(
  session: Session,
  styles: MasterContext["styles"],
  taskId: string,
  name: string,
  options: Pick<ShowOptions, "timestamps" | "json" | "raw" | "prefix" | "showCompletion" | "statusLine">,
): TaskView {
  const { timestamps, json, raw, prefix, showCompletion } = options;
  const rawOut = raw && session.out.isTTY ? createRawSink(session.out, 1) : undefined;
  const rawErr = raw && session.err.isTTY ? createRawSink(session.err, 2) : undefined;
  const ends = { out: rawOut ?? session.out, err: rawErr ?? session.err };
  const plain = !timestamps && !json && prefix === undefined;
  const onTerminal = ends.out.isTTY || ends.err.isTTY;
  const isBare = plain && !onTerminal;
  const writeLines = (): LineWriter => {
    if (json) return createJsonWriter(ends.out, taskId);
    if (isBare) return createBlockWriter(ends);
    return createFormattedWriter(ends, {
      timestamps,
      styles,
      raw,
      prefix: (style) => (prefix === undefined ? "" : `${style.stable(taskId, prefix)} `),
    });
  };
  return new TaskView({
    taskId,
    name,
    ends,
    styles,
    json,
    raw,
    restore: async () => {
      await rawOut?.restore();
      await rawErr?.restore();
    },
    tellsCut: isBare,
    writeLines: writeLines(),
    statusLine: options.statusLine ?? new StatusLine(ends.err, styles.err),
    partials: plain && ends.out.isTTY ? (ends.err.isTTY ? ["stdout", "stderr"] : ["stdout"]) : [],
    ...(showCompletion !== undefined && { showCompletion }),
  });
}
