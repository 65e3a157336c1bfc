// The look of a pane's rows: what was folded and unfolded by hand, what is found and selected. Builds them for the
// viewport, and marks those on the screen when only their marks have changed.
import type { TextMatcher } from "../../../../core/search/text-matcher.ts";
import type { Found } from "../log/finder.ts";
import type { WholeLog } from "../log/whole-log.ts";
import type { Row } from "../model/line.ts";
import { isIn, type LineRange } from "../model/line-link.ts";
import type { RowBuilder } from "../view/row-elements.ts";
import { buildRow, type RowTrace } from "../view/row-view.ts";
import { timeMode, unfoldJson } from "./settings.ts";

const noTrace: RowTrace = { lines: 0, folded: false, inside: false };

export class PaneRows implements RowBuilder {
  /** The time when the task began, in ms. */
  startMs = 0;
  find: TextMatcher | undefined;
  selection: LineRange | undefined;
  /** The found line one is at. */
  current: Found | undefined;
  /** The log in which stack traces are known; undefined if it is not what is shown. */
  whole: WholeLog | undefined;
  readonly #toggled = new Set<string>();

  build(_key: number, row: Row): HTMLElement {
    const element = buildRow(row, {
      time: timeMode.peek(),
      startMs: this.startMs,
      unfoldJson: unfoldJson.peek(),
      find: this.find,
      toggled: this.#toggled,
      trace: (seq) => this.#trace(seq),
    });
    this.mark(element);
    return element;
  }

  /** The lines behind it may make a line the head of a stack trace after it was drawn. */
  stamp(_key: number, row: Row): string {
    if (this.whole === undefined || row.kind !== "line") return "";
    const { lines, folded, inside } = this.#trace(row.line.seq);
    return `${lines}${folded}${inside}`;
  }

  mark(element: HTMLElement): void {
    const { seq, task } = element.dataset;
    const current =
      this.current?.seq === Number(seq) && (task ?? this.current.taskId) === this.current.taskId;
    element.classList.toggle("selected", isIn(this.selection, Number(seq)));
    element.classList.toggle("current", current);
  }

  toggle(name: string): void {
    if (!this.#toggled.delete(name)) this.#toggled.add(name);
  }

  #trace(seq: number): RowTrace {
    if (this.whole === undefined) return noTrace;
    const lines = this.whole.traceLines(seq);
    return { lines, folded: lines > 0 && this.whole.isFolded(seq), inside: this.whole.continues(seq) };
  }
}
