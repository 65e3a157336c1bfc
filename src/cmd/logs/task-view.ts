// One task's log in front of a person or a pipe: the lines by a LineWriter, and around them what is to be said: what
// is waited for, lines that are gone, how it ended. All of that is talk and goes to stderr.
import type { Completion, LogGap, LogItem, LogPartial, LogStatus } from "../../core/log/log-item.ts";
import { printable } from "../output/printable.ts";
import { formatProgress, type StatusLine } from "../output/status-line.ts";
import { RESET, type Style } from "../output/style.ts";
import type { Ends, LineWriter } from "./line-writer.ts";

/** A task that waits for a worker is mentioned in a pipe after this time, in ms. */
const waitNoticeMs = 1000;

export interface TaskViewOptions {
  readonly taskId: string;
  /** What the task is called in words: its name, or its id. */
  readonly name: string;
  readonly ends: Ends;
  readonly styles: { readonly out: Style; readonly err: Style };
  readonly writeLines: LineWriter;
  readonly statusLine: StatusLine;
  /** Gaps go into the data. */
  readonly json: boolean;
  /** Show text that has no newline yet. Only for a terminal that shows nothing but this task's bytes. */
  readonly partials: boolean;
  /** How the end is told; by default one line, and only where the exit code alone does not tell it. */
  readonly showCompletion?: (completion: Completion) => Promise<void>;
}

export class TaskView {
  readonly #options: TaskViewOptions;
  /** Text that stands on the terminal without a newline. */
  #unfinished = "";
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(options: TaskViewOptions) {
    this.#options = options;
  }

  /** Resolves when what is to be seen of the item was written. */
  async show(item: LogItem): Promise<void> {
    if (item.kind === "start") {
      if (!item.recovered)
        await this.notice(`the log of ${this.#options.name} was started anew; its lines begin again`);
      return;
    }
    if (item.kind === "status") return await this.#showStatus(item);
    if (item.kind === "partial") return await this.#showPartial(item);
    clearTimeout(this.#waiting);
    await this.#options.statusLine.clear();
    if (item.kind === "batch") {
      await this.#eraseUnfinished();
      await this.#options.writeLines(item.batch);
    } else if (item.kind === "gap") await this.#showGap(item);
    else await this.#complete(item.completion);
  }

  /** One dimmed line on stderr. */
  async notice(text: string): Promise<void> {
    const { ends, styles, statusLine } = this.#options;
    await statusLine.clear();
    await this.#endUnfinished();
    await ends.err.write(`${styles.err.dim(`tasklog: ${printable(text)}`)}\n`);
  }

  /** Leaves the terminal as it should be, also in the middle of a log. */
  async close(): Promise<void> {
    clearTimeout(this.#waiting);
    await this.#options.statusLine.clear();
    await this.#endUnfinished();
  }

  async #showStatus({ status, detail, progress }: LogStatus): Promise<void> {
    clearTimeout(this.#waiting);
    const { statusLine, name, ends } = this.#options;
    if (status !== "pending" && status !== "starting") return await statusLine.clear();
    const what = progress === undefined ? detail : formatProgress(progress);
    const text = `${name} is ${status}${what === "" ? "" : `: ${what}`}`;
    if (ends.err.isTTY) statusLine.show(text);
    // In a pipe nothing is said of what passes at once, but nobody is left wondering either.
    else if (status === "pending")
      this.#waiting = setTimeout(() => void this.notice(text), waitNoticeMs).unref();
  }

  async #showGap(gap: LogGap): Promise<void> {
    const { json, ends, taskId, name } = this.#options;
    const { fromSeq, toSeq, count, reason } = gap;
    if (json)
      return await ends.out.write(
        `${JSON.stringify({ gap: { fromSeq, toSeq, count, reason }, task: taskId })}\n`,
      );
    const known = toSeq > 0 ? toSeq - fromSeq + 1 : count;
    const lines = known === undefined ? "lines" : `${known} ${known === 1 ? "line" : "lines"}`;
    const where = toSeq > 0 ? ` (${fromSeq} to ${toSeq})` : "";
    await this.notice(`${name}: ${lines}${where} missing here: ${reason}`);
  }

  async #complete(completion: Completion): Promise<void> {
    await this.#endUnfinished();
    const { showCompletion, ends, name } = this.#options;
    if (showCompletion !== undefined) return await showCompletion(completion);
    const { reason, message } = completion;
    if (reason === "" || reason === "cancelled") return;
    await ends.err.write(`tasklog: ${printable(`${name}: ${message || reason}`)}\n`);
  }

  /** Goes on where the shown text ends; text that is another one begins a new line. */
  async #showPartial({ text }: LogPartial): Promise<void> {
    if (!this.#options.partials) return;
    const { ends, statusLine } = this.#options;
    await statusLine.clear();
    const whole = new TextDecoder().decode(text);
    const goesOn = whole.startsWith(this.#unfinished);
    await ends.out.write(goesOn ? whole.slice(this.#unfinished.length) : `${this.#erasing()}${whole}`);
    this.#unfinished = whole;
  }

  /** The line that comes holds the unfinished text, too. */
  async #eraseUnfinished(): Promise<void> {
    if (this.#unfinished === "") return;
    const erasing = this.#erasing();
    this.#unfinished = "";
    await this.#options.ends.out.write(erasing);
  }

  /** Escape sequences that take the unfinished text off the terminal, over all rows that it fills. */
  #erasing(): string {
    const columns = this.#options.ends.out.columns ?? 80;
    const shown = this.#unfinished.slice(this.#unfinished.lastIndexOf("\r") + 1);
    const rows = Math.floor(Math.max(0, Bun.stringWidth(shown) - 1) / columns);
    return `${RESET}\r${rows > 0 ? `\x1b[${rows}A` : ""}\x1b[J`;
  }

  async #endUnfinished(): Promise<void> {
    if (this.#unfinished === "") return;
    this.#unfinished = "";
    await this.#options.ends.out.write(`${RESET}\n`);
  }
}
