// The one line at the bottom of a terminal that says what is being waited for. It is redrawn in place, never wider
// than the terminal, and gone before anything else is written. Where stderr is no terminal it does not exist.
import { formatBytes } from "../../core/base/bytes.ts";
import { startInterval, type Timer } from "../../core/base/wait.ts";
import type { Progress } from "../../core/log/log-item.ts";
import { printable, truncate } from "./printable.ts";
import type { Sink } from "./sink.ts";
import type { Style } from "./style.ts";

const spinnerFrames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** The time between two frames of the spinner, in ms: ten a second look like motion. */
const frameMs = 100;
/** The width of the progress bar, in columns: it leaves room for the sizes on 80 columns. */
const barColumns = 24;

export class StatusLine {
  readonly #sink: Sink;
  readonly #style: Style;
  #text = "";
  #frame = 0;
  #timer: Timer | undefined;
  #drawn = false;

  constructor(sink: Sink, style: Style) {
    this.#sink = sink;
    this.#style = style;
  }

  show(text: string): void {
    if (!this.#sink.isTTY) return;
    this.#text = printable(text);
    this.#draw();
    this.#timer ??= startInterval(() => this.#draw(), frameMs).unref();
  }

  /** Resolves when the line is gone: only then may something else be written. */
  async clear(): Promise<void> {
    this.#timer?.stop();
    this.#timer = undefined;
    if (!this.#drawn) return;
    this.#drawn = false;
    await this.#sink.write("\r\x1b[2K");
  }

  #draw(): void {
    this.#drawn = true;
    const frame = spinnerFrames[this.#frame++ % spinnerFrames.length];
    const text = truncate(this.#text, Math.max(1, (this.#sink.columns ?? 80) - 3));
    void this.#sink.write(`\r\x1b[2K${this.#style.cyan(frame ?? "")} ${text}`);
  }
}

/** `pulling busybox  ██████░░░░░░  12 MiB / 40 MiB`; without a total only what has come. */
export function formatProgress(progress: Progress): string {
  const { what, currentBytes, totalBytes, message } = progress;
  const label = message !== "" ? message : what;
  if (totalBytes === 0) return currentBytes === 0 ? label : `${label}  ${formatBytes(currentBytes)}`;
  const part = Math.min(1, currentBytes / totalBytes);
  const filled = Math.round(part * barColumns);
  const bar = "█".repeat(filled) + "░".repeat(barColumns - filled);
  return `${label}  ${bar}  ${Math.floor(part * 100)}%  ${formatBytes(currentBytes)} / ${formatBytes(totalBytes)}`;
}
