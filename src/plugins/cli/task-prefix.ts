// The prefix of each line of a task: its name, or the short form of its id, in a colour that is the same at every
// start because it comes from the id.
import { styleText } from "node:util";
import type { StreamName } from "../../core/log/line-batch.ts";
import type { Task } from "../../core/plugin-api.ts";
import { prefixedText, showControls, terminalText } from "../../core/search/terminal-text.ts";

// Not red, which is stderr's, and nothing that is unreadable on white or on black.
const prefixColors = [
  "cyan",
  "green",
  "magenta",
  "yellow",
  "blue",
  "cyanBright",
  "greenBright",
  "magentaBright",
] as const;

/** The way the output takes text. */
export interface OutputStyle {
  readonly color: boolean;
  /** Lines of many tasks share it: none may clear it, move its cursor or name its window. */
  readonly isTerminal: boolean;
}

export class TaskPrefix {
  readonly #color: boolean;
  readonly #isTerminal: boolean;
  readonly #stdout: string;
  readonly #stderr: string;

  constructor({ id, spec }: Pick<Task, "id" | "spec">, { color, isTerminal }: OutputStyle) {
    this.#color = color;
    this.#isTerminal = isTerminal;
    const name = showControls(spec?.name || id.slice(0, "task-".length + 6));
    const prefix = color ? styleText(colorOf(id), `${name} |`, { validateStream: false }) : `${name} |`;
    this.#stdout = `${prefix} `;
    this.#stderr = color ? `${prefix}${styleText("red", "!", { validateStream: false })}` : `${prefix}!`;
  }

  /** Formats a line with its newline. */
  line(written: string, stream: StreamName): string {
    const text = this.#isTerminal ? terminalText(written) : prefixedText(written);
    const colorEnd = this.#color && !this.#isTerminal && text.includes("\u001b") ? "\u001b[0m" : "";
    return `${stream === "stderr" ? this.#stderr : this.#stdout}${text}${colorEnd}\n`;
  }

  /** Formats a sentence about the task that the task did not print. */
  note(text: string): string {
    return this.line(
      this.#color ? styleText("dim", `[${text}]`, { validateStream: false }) : `[${text}]`,
      "stdout",
    );
  }
}

function colorOf(id: string): (typeof prefixColors)[number] {
  let sum = 0;
  for (const byte of Buffer.from(id)) sum = (sum * 31 + byte) >>> 0;
  return prefixColors[sum % prefixColors.length] as (typeof prefixColors)[number];
}
