// One log on the screen (or several as one): which rows are shown, what is selected, found and unfolded, and the
// viewport that draws them. The views only call this; it knows no Preact component.
import { effect, signal } from "@preact/signals";
import { FilteredLog } from "../log/filtered-log.ts";
import { Finder } from "../log/finder.ts";
import { MergedLogs } from "../log/merged-logs.ts";
import type { RowSource } from "../log/row-source.ts";
import { TaskLog } from "../log/task-log.ts";
import { WholeLog } from "../log/whole-log.ts";
import { isFiltered, type LogFilter } from "../model/api-types.ts";
import type { RowOrigin } from "../model/line.ts";
import { isIn, type LineRange } from "../model/line-link.ts";
import { toRegExp } from "../model/matcher.ts";
import { buildRow, type RowLook } from "../view/row-view.ts";
import { Viewport, type ViewportOptions } from "../view/viewport.ts";
import { foldTraces, timeMode, unfoldJson, wrap } from "./settings.ts";

export class LogPane {
  readonly logs: readonly TaskLog[];
  readonly finder: Finder;
  readonly selection = signal<LineRange | undefined>(undefined);
  readonly following = signal(true);
  /** The lines on the screen; undefined: none. */
  readonly visible = signal<LineRange | undefined>(undefined);
  /** The end of the log when following stopped. */
  readonly leftAt = signal(0);
  /** Lines that fit are being looked for. */
  readonly looking = signal(false);
  startMs = 0;
  readonly #origins: readonly RowOrigin[];
  readonly #whole: WholeLog | undefined;
  readonly #toggled = new Set<string>();
  readonly #stops: (() => void)[] = [];
  #filter: LogFilter;
  #source: RowSource;
  #viewport: Viewport | undefined;
  #find: RegExp | undefined;
  #target: number | undefined;

  /** `range`: lines to go to, instead of following the end. */
  constructor(origins: readonly RowOrigin[], filter: LogFilter, range: LineRange | undefined) {
    this.#origins = origins;
    this.#filter = filter;
    this.logs = origins.map(({ taskId }) => new TaskLog(taskId));
    this.#whole = this.logs.length === 1 ? new WholeLog(this.log) : undefined;
    this.#source = this.#whole ?? this.#open(filter);
    this.finder = new Finder(this.log.taskId);
    this.selection.value = range;
    this.#target = range?.fromSeq;
  }

  get log(): TaskLog {
    return this.logs[0] as TaskLog;
  }

  get merged(): boolean {
    return this.#whole === undefined;
  }

  get lastSeq(): number {
    return this.log.nextSeq - 1;
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#viewport?.close();
    this.finder.close();
    if (this.#source !== this.#whole) this.#source.close();
    this.#whole?.close();
    for (const log of this.logs) log.close();
  }

  /** Draws into these elements from now on. */
  mount(elements: Pick<ViewportOptions, "scroller" | "spacer" | "layer" | "rows">): void {
    const viewport = new Viewport(this.#source, {
      ...elements,
      build: (key, row) =>
        this.#decorate(buildRow(row, this.#look()), row.kind === "line" ? row.line.seq : key),
      drawn: ({ follow, firstKey, lastKey }) => {
        if (this.following.peek() && !follow) this.leftAt.value = this.log.nextSeq;
        this.following.value = follow;
        const seen = this.visible.peek();
        if (firstKey === undefined || lastKey === undefined) this.visible.value = undefined;
        else if (seen?.fromSeq !== firstKey || seen.toSeq !== lastKey)
          this.visible.value = { fromSeq: firstKey, toSeq: lastKey };
        if (this.#source instanceof FilteredLog || this.#source instanceof MergedLogs)
          this.looking.value = this.#source.busy;
      },
    });
    this.#viewport = viewport;
    this.#stops.push(
      effect(() => {
        elements.rows.classList.toggle("wrap", wrap.value);
        void [timeMode.value, unfoldJson.value];
        viewport.rebuild();
      }),
      effect(() => {
        if (this.#whole !== undefined) this.#whole.foldTraces = foldTraces.value;
        viewport.rebuild();
      }),
      effect(() => {
        this.#find = toRegExp(this.finder.query.value);
        viewport.rebuild();
      }),
      effect(() => {
        void [this.selection.value, this.finder.current.value];
        this.#redecorate();
      }),
      this.log.changes.listen(() => this.#reachTarget()),
    );
    if (isFiltered(this.#filter) && this.#whole !== undefined)
      this.#when(
        () => this.log.started,
        () => this.filter(this.#filter),
      );
    this.#reachTarget();
  }

  filter(filter: LogFilter): void {
    this.#filter = filter;
    const at = this.following.peek() ? undefined : this.visible.peek()?.fromSeq;
    if (this.#source !== this.#whole) this.#source.close();
    this.#source = this.#whole !== undefined && !isFiltered(filter) ? this.#whole : this.#open(filter);
    this.looking.value = false;
    if (this.finder.query.peek().text !== "") this.finder.set(this.finder.query.peek(), filter, 0);
    this.#viewport?.show(this.#source);
    if (at !== undefined && !this.merged) void this.#viewport?.reveal(at);
  }

  find(query: { text: string; regex: boolean; caseSensitive: boolean }): void {
    this.finder.set(query, this.#filter);
  }

  async findStep(direction: "next" | "prev"): Promise<void> {
    const at = this.finder.current.peek();
    const seen = this.visible.peek();
    const edge = (direction === "next" ? seen?.fromSeq : seen?.toSeq) ?? this.lastSeq;
    const from = at === undefined ? edge : at + (direction === "next" ? 1 : -1);
    const seq = await this.finder.step(direction, from, this.lastSeq);
    if (seq !== undefined) await this.#viewport?.reveal(seq);
  }

  reveal(seq: number): void {
    void this.#viewport?.reveal(seq);
  }

  followEnd(): void {
    this.#viewport?.followEnd();
  }

  stopFollowing(): void {
    this.#viewport?.stopFollowing();
  }

  toStart(): void {
    this.#viewport?.toStart();
  }

  /** A click on the number of a line: alone it is the selection, with `extend` the other end of it. */
  select(seq: number, extend: boolean): void {
    const { fromSeq, toSeq } = this.selection.peek() ?? { fromSeq: seq, toSeq: seq };
    if (!extend) {
      const again = fromSeq === seq && toSeq === seq && this.selection.peek() !== undefined;
      this.selection.value = again ? undefined : { fromSeq: seq, toSeq: seq };
    } else this.selection.value = { fromSeq: Math.min(fromSeq, seq), toSeq: seq < fromSeq ? toSeq : seq };
    this.stopFollowing();
  }

  /** Folds or unfolds what the button of a row stands for. */
  toggle(action: string, name: string): void {
    const seq = Number(name.slice(name.lastIndexOf(":") + 1));
    if (action === "trace") this.#whole?.toggleFold(seq);
    else if (!this.#toggled.delete(name)) this.#toggled.add(name);
    this.stopFollowing();
    this.#viewport?.rebuild();
  }

  #open(filter: LogFilter): RowSource {
    if (this.logs.length === 1) return new FilteredLog(this.log, filter);
    return new MergedLogs(
      this.logs.map((log, i) => ({ log, origin: this.#origins[i] as RowOrigin })),
      filter,
    );
  }

  /** A line that was linked to is gone to once the log is known to reach it. */
  #reachTarget(): void {
    if (this.#target === undefined || !this.log.started) return;
    const seq = this.#target;
    this.#target = undefined;
    void this.#viewport?.reveal(seq);
  }

  #when(condition: () => boolean, act: () => void): void {
    if (condition()) return act();
    const unlisten = this.log.changes.listen(() => {
      if (!condition()) return;
      unlisten();
      act();
    });
    this.#stops.push(unlisten);
  }

  #look(): RowLook {
    const whole = this.#source === this.#whole ? this.#whole : undefined;
    return {
      time: timeMode.peek(),
      startMs: this.startMs,
      unfoldJson: unfoldJson.peek(),
      find: this.#find,
      toggled: this.#toggled,
      trace: (seq) => {
        if (whole === undefined) return { lines: 0, folded: false, inside: false };
        const lines = whole.traceLines(seq);
        return { lines, folded: lines > 0 && whole.isFolded(seq), inside: whole.continues(seq) };
      },
    };
  }

  #decorate(element: HTMLElement, seq: number): HTMLElement {
    element.classList.toggle("selected", !this.merged && isIn(this.selection.peek(), seq));
    element.classList.toggle("current", this.finder.current.peek() === seq);
    return element;
  }

  #redecorate(): void {
    for (const [, element] of this.#viewport?.elements() ?? []) {
      this.#decorate(element, Number(element.dataset["seq"] ?? 0));
    }
  }
}
