// A line and a row. A line belongs to the log and never changes; a row is one thing the virtual list shows: a line, a
// gap, or a place whose line is still on its way.
import type { ApiLine } from "./api-types.ts";

export interface Line {
  readonly seq: number;
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly stderr: boolean;
  readonly text: string;
  /** The line was longer than the system keeps and was cut. */
  readonly cut: boolean;
}

export type Row =
  | { readonly kind: "line"; readonly line: Line; readonly source?: RowOrigin }
  | {
      readonly kind: "gap";
      readonly fromSeq: number;
      readonly toSeq: number;
      readonly count: number;
      readonly reason: string;
      readonly source?: RowOrigin;
    }
  | { readonly kind: "partial"; readonly text: string; readonly stderr: boolean }
  | { readonly kind: "waiting" };

/** The log of a row when several are merged. */
export interface RowOrigin {
  readonly taskId: string;
  readonly name: string;
  /** Number of its colour, stable for a task. */
  readonly colour: number;
}

export function fromApiLine({ seq, time, stream, text, cut }: ApiLine): Line {
  return { seq, time, stderr: stream === "stderr", text, cut: cut === true };
}
