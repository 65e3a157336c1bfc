// One log on the screen (or several as one): which rows are shown, what is selected and found, and the viewport that
// draws them. The views only call this; it knows no Preact component.
import { effect, signal } from "@preact/signals";
import { FilteredLog } from "../log/filtered-log.ts";
import { type FindDirection, Finder, type FindPlace, type Found } from "../log/finder.ts";
import { MergedLogs } from "../log/merged-logs.ts";
import type { RowSource } from "../log/row-source.ts";
import { TaskLog } from "../log/task-log.ts";
import { WholeLog } from "../log/whole-log.ts";
import { isFiltered, type LogFilter } from "../model/api-types.ts";
import type { RowOrigin } from "../model/line.ts";
import type { LineRange } from "../model/line-link.ts";
import { type FindQuery, toMatcher } from "../model/matcher.ts";
import { type DrawnView, Viewport, type ViewportElements } from "../view/viewport.ts";
import { PaneRows } from "./pane-rows.ts";
import { foldTraces, timeMode, unfoldJson, wrap } from "./settings.ts";

export class LogPane {
  readonly logs: readonly TaskLog[];
  readonly finder: Finder;
  readonly rows = new PaneRows();
  readonly selection = signal<LineRange | undefined>(undefined);
  readonly following = signal(true);
  /** Following waits until no text is selected. */
  readonly paused = signal(false);
  /** The lines on the screen; undefined: none. */
  readonly visible = signal<LineRange | undefined>(undefined);
  /** The end of the log when following stopped. */
  readonly leftAt = signal(0);
  /** Lines that fit are being looked for. */
  readonly looking = signal(false);
  readonly #origins: readonly RowOrigin[];
  readonly #whole: WholeLog | undefined;
  readonly #stops: (() => void)[] = [];
  #filter: LogFilter;
  #source: RowSource;
  #viewport: Viewport | undefined;
  /** The line to go to as soon as the log is known to reach it. */
  #target: number | undefined;

  /** `range`: lines to go to, instead of following the end. */
  constructor(origins: readonly RowOrigin[], filter: LogFilter, range: LineRange | undefined) {
    this.#origins = origins;
    this.#filter = filter;
    this.logs = origins.map(({ taskId }) => new TaskLog(taskId));
    this.#whole = this.logs.length === 1 ? new WholeLog(this.log) : undefined;
    this.#source = this.#sourceFor(filter);
    this.finder = new Finder(this.logs.map(({ taskId }) => taskId));
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
  mount(elements: ViewportElements): void {
    this.rows.whole = this.#source === this.#whole ? this.#whole : undefined;
    const viewport = new Viewport(this.#source, elements, this.rows, (view) => this.#note(view));
    this.#viewport = viewport;
    this.#stops.push(
      effect(() => {
        elements.rows.classList.toggle("wrap", wrap.value);
        void [timeMode.value, unfoldJson.value];
        viewport.rebuild();
      }),
      effect(() => {
        if (this.#whole !== undefined) this.#whole.foldTraces = foldTraces.value;
      }),
      effect(() => {
        this.rows.find = toMatcher(this.finder.query.value);
        viewport.rebuild();
      }),
      effect(() => {
        this.rows.selection = this.merged ? undefined : this.selection.value;
        this.rows.current = this.finder.current.value;
        for (const [, element] of viewport.elements()) this.rows.mark(element);
      }),
      effect(() => {
        const last = Math.max(...this.logs.map(({ end }) => end.value));
        elements.rows.style.setProperty("--digits", String(Math.max(4, String(last).length)));
      }),
      this.log.changes.listen(() => this.#begun()),
    );
    this.#begun();
  }

  filter(filter: LogFilter): void {
    this.#filter = filter;
    const at = this.following.peek() ? undefined : this.visible.peek()?.fromSeq;
    if (this.#source !== this.#whole) this.#source.close();
    this.#source = this.#sourceFor(filter);
    this.rows.whole = this.#source === this.#whole ? this.#whole : undefined;
    this.looking.value = false;
    if (this.finder.query.peek().text !== "") this.finder.set(this.finder.query.peek(), filter, 0);
    this.#viewport?.show(this.#source);
    if (at !== undefined && !this.merged) this.reveal(at);
  }

  find(query: FindQuery): void {
    this.finder.set(query, this.#filter);
  }

  /** Steps from the current match, else from what is on the screen; from the end backwards while it is followed. */
  async findStep(direction: FindDirection): Promise<void> {
    const at = this.finder.current.peek();
    const way = at === undefined && this.following.peek() ? "prev" : direction;
    const found = await this.finder.step(way, this.#placesFrom(at, way));
    if (found === undefined) return;
    const source = this.#source;
    if (source instanceof MergedLogs) {
      this.stopFollowing();
      const key = await source.seekLine(found);
      if (key !== undefined) this.reveal(key);
    } else this.reveal(found.seq);
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
    void this.#viewport?.toStart();
  }

  /** A click on the number of a line: alone it is the selection, with `extend` the other end of it. */
  select(seq: number, extend: boolean): void {
    const before = this.selection.peek();
    const { fromSeq, toSeq } = before ?? { fromSeq: seq, toSeq: seq };
    const again = before !== undefined && fromSeq === seq && toSeq === seq;
    if (extend)
      this.selection.value = { fromSeq: Math.min(fromSeq, seq), toSeq: seq < fromSeq ? toSeq : seq };
    else this.selection.value = again ? undefined : { fromSeq: seq, toSeq: seq };
    this.stopFollowing();
  }

  /** Folds or unfolds what the button of a row stands for. */
  toggle(action: string, name: string): void {
    if (action === "trace") this.#whole?.toggleFold(Number(name.slice(name.lastIndexOf(":") + 1)));
    else this.rows.toggle(name);
    this.stopFollowing();
    this.#viewport?.rebuild();
  }

  /** Returns the places to look on from: behind the current match, else at the edge of what is on the screen. */
  #placesFrom(at: Found | undefined, way: FindDirection): FindPlace[] {
    const seen = this.visible.peek();
    const edge = (way === "next" ? seen?.fromSeq : seen?.toSeq) ?? this.lastSeq;
    const step = way === "next" ? 1 : -1;
    const source = this.#source;
    if (source instanceof MergedLogs) {
      const key = at && source.keyOf(at);
      return source.placesFrom(key === undefined ? edge : key + step, way);
    }
    const { taskId } = this.log;
    return [{ taskId, from: at === undefined ? edge : at.seq + step, lastSeq: this.lastSeq }];
  }

  #sourceFor(filter: LogFilter): RowSource {
    if (this.#whole !== undefined && !isFiltered(filter)) return this.#whole;
    if (this.logs.length === 1) return new FilteredLog(this.log, filter);
    return new MergedLogs(
      this.logs.map((log, i) => ({ log, origin: this.#origins[i] as RowOrigin })),
      filter,
    );
  }

  /** Does what had to wait until the log is known. */
  #begun(): void {
    if (!this.log.started) return;
    if (this.#target === undefined) return;
    const seq = this.#target;
    this.#target = undefined;
    this.reveal(seq);
  }

  #note({ follow, paused, firstKey, lastKey }: DrawnView): void {
    if (this.following.peek() && !follow) this.leftAt.value = this.log.nextSeq;
    this.following.value = follow;
    this.paused.value = paused;
    const seen = this.visible.peek();
    if (firstKey === undefined || lastKey === undefined) this.visible.value = undefined;
    else if (seen?.fromSeq !== firstKey || seen.toSeq !== lastKey) {
      this.visible.value = { fromSeq: firstKey, toSeq: lastKey };
    }
    const source = this.#source;
    this.looking.value = (source instanceof FilteredLog || source instanceof MergedLogs) && source.busy;
  }
}
