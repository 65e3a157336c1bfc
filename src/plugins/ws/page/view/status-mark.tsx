// A task's status as a shape, a colour and a word; never by colour alone.
import type { TaskStatus } from "../model/api-types.ts";

const shapes: Record<TaskStatus, string> = {
  unspecified: "\u25cb",
  pending: "\u25cb",
  starting: "\u25d4",
  running: "\u25cf",
  success: "\u2713",
  failed: "\u2715",
  cancelled: "\u2013",
  lost: "?",
};

export function StatusMark({ status, word = true }: { status: TaskStatus; word?: boolean }) {
  return (
    <span class={`status status-${status}`} title={status}>
      <span class="status-shape" aria-hidden="true">
        {shapes[status] ?? shapes.unspecified}
      </span>
      <span class={word ? "status-word" : "visually-hidden"}>{status}</span>
    </span>
  );
}
