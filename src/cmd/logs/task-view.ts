// One task's log in front of a person or a pipe: the lines by a LineWriter, and around them what is to be said: what
// is waited for, lines that are gone, how it ended. All of that is talk and goes to stderr.

import { formatBytes } from "../../core/base/bytes.ts";
import { lineBytesMax } from "../../core/base/limits.ts";
import { Turns } from "../../core/base/turns.ts";
import { startTimer, type Timer } from "../../core/base/wait.ts";
import type { LineBatch, StreamName } from "../../core/log/line-batch.ts";
import type {
  Completion,
  LogGap,
  LogItem,
  LogPartial,
  LogStart,
  LogStatus,
} from "../../core/log/log-item.ts";
import { terminalText } from "../../core/search/terminal-text.ts";
import { printable } from "../output/printable.ts";
import { formatProgress, type StatusLine } from "../output/status-line.ts";
import { resetColor, type Style } from "../output/style.ts";
import type { Ends, LineWriter } from "./line-writer.ts";

/** A wait that ends within this time, in ms, is not mentioned. */
const waitNoticeMs = 1000;

export interface TaskViewOptions {
  readonly taskId: string;
  /** The task as messages name it: its name, or its id. */
  readonly name: string;
  readonly ends: Ends;
  readonly styles: { readonly out: Style; readonly err: Style };
  readonly writeLines: LineWriter;
  readonly statusLine: StatusLine;
  /** Gaps, and that a log was started anew, go into the data. */
  readonly json: boolean;
  /** Unfinished text reaches the terminal as it is. */
  readonly raw: boolean;
  /** Sets the terminal back to how it was, as far as the task has changed it. */
  readonly restore: () => Promise<void>;
  /** `writeLines` does not show which lines were cut: it is said once. */
  readonly tellsCut: boolean;
  /** The streams whose text is shown before its newline: on a terminal that shows only this task's bytes. */
  readonly partials: readonly StreamName[];
  /** Shows the end of the task; by default one line, and only if the exit code alone does not say it. */
  readonly showCompletion?: (completion: Completion) => Promise<void>;
}

export class TaskView {
  readonly #options: TaskViewOptions;
  /** Text without a newline, the newest last; and what of it stands on the terminal. */
  readonly #partials = new Map<StreamName, string>();
  #drawn = "";
  #waiting: Timer | undefined;
  /** The problem of the running task; empty when there is none. It is told when it lasts. */
  #trouble = "";
  #isTroubleTold = false;
  #lasting: Timer | undefined;
  #isCutTold = false;
  readonly #turns = new Turns();

  constructor(options: TaskViewOptions) {
    this.#options = options;
  }

  /** Resolves when what is to be seen of the item was written. */
  show(item: LogItem): Promise<void> {
    return this.#inTurn(() => this.#show(item));
  }

  /** Writes one dimmed line to stderr. */
  notice(text: string): Promise<void> {
    return this.#inTurn(() => this.#say(text));
  }

  /** Leaves the terminal as it should be, also in the middle of a log. */
  close(): Promise<void> {
    this.#waiting?.stop();
    this.#lasting?.stop();
    return this.#inTurn(async () => {
      await this.#options.statusLine.clear();
      if (this.#drawn !== "") await this.#options.ends.out.write(`${resetColor}\n`);
      this.#drawn = "";
      await this.#options.restore();
    });
  }

  /** Runs one piece of work after the other: a notice may come while lines are being written. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    return this.#turns.take(work);
  }

  async #show(item: LogItem): Promise<void> {
    if (item.kind === "start") return await this.#showStart(item);
    if (item.kind === "status") return await this.#showStatus(item);
    if (item.kind === "partial") return await this.#showPartial(item);
    this.#waiting?.stop();
    await this.#options.statusLine.clear();
    if (item.kind === "batch") await this.#showLines(item.batch);
    else if (item.kind === "gap") await this.#showGap(item);
    else await this.#complete(item.completion);
  }

  async #say(text: string): Promise<void> {
    const { ends, styles, statusLine } = this.#options;
    await statusLine.clear();
    await this.#erase();
    await ends.err.write(`${styles.err.dim(`tasklog: ${printable(text)}`)}\n`);
    await this.#draw();
  }

  async #showStart({ recovered, epoch, firstSeq }: LogStart): Promise<void> {
    if (recovered) return;
    const { json, name } = this.#options;
    this.#partials.clear();
    if (json) await this.#writeJson({ start: { epoch, firstSeq, recovered } });
    await this.#say(`the log of ${name} was started anew; its lines begin again`);
  }

  async #showStatus({ status, detail, progress }: LogStatus): Promise<void> {
    const { statusLine, name, ends } = this.#options;
    this.#waiting?.stop();
    if (status !== "pending" && status !== "starting") {
      await statusLine.clear();
      return await this.#showTrouble(detail);
    }
    // A pull's line is about its image: with the task's name before it, the bar would not fit.
    const text =
      progress === undefined
        ? `${name} is ${status}${detail === "" ? "" : `: ${detail}`}`
        : formatProgress(progress);
    if (ends.err.isTTY) statusLine.show(text);
    // In a pipe nothing is said of what passes at once, but nobody is left wondering either.
    else if (status === "pending") this.#waiting = this.#later(() => this.notice(text));
    else if (progress === undefined) await this.#showTrouble(detail);
  }

  /** A worker or an engine that is away, a disk that fails: said when it lasts, and when it is over. */
  async #showTrouble(detail: string): Promise<void> {
    if (detail === this.#trouble) return;
    const { name } = this.#options;
    const wasTold = this.#isTroubleTold;
    this.#lasting?.stop();
    this.#trouble = detail;
    this.#isTroubleTold = false;
    if (detail !== "") {
      this.#lasting = this.#later(() => {
        this.#isTroubleTold = true;
        return this.notice(`${name}: ${detail}`);
      });
    } else if (wasTold) await this.#say(`${name}: that is over, it goes on`);
  }

  /** Does not fail when stderr is gone: whoever writes the lines is told. */
  #later(notice: () => Promise<void>): Timer {
    return startTimer(() => void notice().catch(() => {}), waitNoticeMs).unref();
  }

  async #showLines(batch: LineBatch): Promise<void> {
    await this.#erase();
    for (const stream of this.#partials.keys()) if (batch.hasStream(stream)) this.#partials.delete(stream);
    await this.#options.writeLines(batch);
    await this.#draw();
    if (this.#options.tellsCut && !this.#isCutTold) await this.#tellOfCut(batch);
  }

  async #tellOfCut(batch: LineBatch): Promise<void> {
    const index = batch.flags.findIndex((_flags, at) => batch.isCutAt(at));
    if (index === -1) return;
    this.#isCutTold = true;
    const rest = `is not whole: it was longer than ${formatBytes(lineBytesMax)}, or stands beside a gap`;
    await this.#say(`${this.#options.name}: line ${batch.firstSeq + index} ${rest} (--json marks each)`);
  }

  async #showGap({ fromSeq, toSeq, count, reason }: LogGap): Promise<void> {
    const { json, name } = this.#options;
    if (json) return await this.#writeJson({ gap: { fromSeq, toSeq, count, reason } });
    const numbers = toSeq - fromSeq + 1;
    // Lines that nobody can count have one number.
    const lines =
      numbers === 1 ? (count === 1 ? "a line" : "lines") : `${numbers} lines (${fromSeq} to ${toSeq})`;
    await this.#say(`${name}: ${lines} missing here: ${reason}`);
  }

  async #writeJson(facts: object): Promise<void> {
    const { ends, taskId } = this.#options;
    await ends.out.write(`${JSON.stringify({ ...facts, task: taskId })}\n`);
  }

  async #complete(completion: Completion): Promise<void> {
    this.#partials.clear();
    await this.#erase();
    const { showCompletion, ends, name } = this.#options;
    if (showCompletion !== undefined) return await showCompletion(completion);
    const { reason, message } = completion;
    if (reason === "" || reason === "cancelled") return;
    await ends.err.write(`tasklog: ${printable(`${name}: ${message || reason}`)}\n`);
  }

  async #showPartial({ stream, text }: LogPartial): Promise<void> {
    const { partials, statusLine, raw } = this.#options;
    if (!partials.includes(stream)) return;
    await statusLine.clear();
    this.#partials.delete(stream);
    const printed = new TextDecoder().decode(text);
    this.#partials.set(stream, raw ? printed : terminalText(printed));
    await this.#draw();
  }

  /** Puts the newest unfinished text on the terminal: goes on where it stands there already. */
  async #draw(): Promise<void> {
    const text = [...this.#partials.values()].at(-1) ?? "";
    if (text === this.#drawn) return;
    const goesOn = text.startsWith(this.#drawn);
    const written = goesOn ? text.slice(this.#drawn.length) : `${this.#erasing()}${text}`;
    this.#drawn = text;
    await this.#options.ends.out.write(written);
  }

  /** Takes it off again: what comes next stands in its place. */
  async #erase(): Promise<void> {
    if (this.#drawn === "") return;
    const erasing = this.#erasing();
    this.#drawn = "";
    await this.#options.ends.out.write(erasing);
  }

  /** Escape sequences that take the drawn text off the terminal, over all rows that it fills. */
  #erasing(): string {
    const columns = this.#options.ends.out.columns ?? 80;
    const shown = this.#drawn.slice(this.#drawn.lastIndexOf("\r") + 1);
    const rows = Math.floor(Math.max(0, Bun.stringWidth(shown) - 1) / columns);
    return `${resetColor}\r${rows > 0 ? `\x1b[${rows}A` : ""}\x1b[J`;
  }
}
