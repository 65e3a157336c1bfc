// The frame of `monitor` on a terminal.
import type { Completion } from "../../core/log/log-item.ts";
import { printable } from "../output/printable.ts";
import type { Style } from "../output/style.ts";
import { completionText, statusStyle } from "../task/task-text.ts";

/** The width of the banner, in columns, unless the terminal is narrower: it fits on 80 columns with room to spare. */
const columnsMax = 55;

export interface BannerText {
  readonly taskIds: readonly string[];
  readonly userId: string;
  /** The line that says how to exit; empty where no key can be read. */
  readonly hint: string;
}

export function formatBanner(
  { taskIds, userId, hint }: BannerText,
  style: Style,
  columns: number | undefined,
): string {
  const width = widthOf(columns);
  const double = style.dim("═".repeat(width));
  const lines = [
    double,
    style.bold("  TASK MONITOR - Live Logs"),
    double,
    ...taskIds.map((id) => `Task ID: ${printable(id)}`),
    `User ID: ${printable(userId)}`,
    style.dim("─".repeat(width)),
    ...(hint === "" ? [] : [style.dim(hint)]),
    "",
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** `name` says which task, where there are several. */
export function formatCompletion(
  completion: Completion,
  style: Style,
  columns: number | undefined,
  name = "",
): string {
  const double = style.dim("═".repeat(widthOf(columns)));
  const status = statusStyle(style, completion.status)(completion.status);
  const which = name === "" ? "" : ` (${printable(name)})`;
  const more = printable(completionText(completion));
  const lines = [
    "",
    double,
    `  ${style.bold("Task Completed")} - Status: ${status}${which}`,
    ...(more ? [`  ${style.dim(more)}`] : []),
    double,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function widthOf(columns: number | undefined): number {
  return Math.min(columnsMax, columns ?? columnsMax);
}
