// What stands before each line of a task: its name, or the short form of its id, in a colour that is the same at
// every start because it comes from the id.
import { styleText } from "node:util";
import type { StreamName } from "../../core/log/line-batch.ts";
import type { Task } from "../../core/plugin-api.ts";

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
    const name = spec?.name || id.slice(0, "task-".length + 6);
    const prefix = color ? styleText(colorOf(id), `${name} |`, { validateStream: false }) : `${name} |`;
    this.#stdout = `${prefix} `;
    this.#stderr = color ? `${prefix}${styleText("red", "!", { validateStream: false })}` : `${prefix}!`;
  }

  /** Formats a line with its newline. */
  line(written: string, stream: StreamName): string {
    const text = this.#isTerminal ? visible(written) : written;
    const colorEnd = this.#color && text.includes("\u001b") ? "\u001b[0m" : "";
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

// Colours pass as they are; of all else that could steer a terminal, or turn the direction of text, the sign is shown.
const steeringCharacters =
  /\x1b\[[\d;:]*m|[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function visible(text: string): string {
  return text.replace(/\r$/, "").replace(steeringCharacters, (found) => {
    if (found.length > 1) return found;
    const code = found.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
  });
}

function colorOf(id: string): (typeof prefixColors)[number] {
  let sum = 0;
  for (const byte of Buffer.from(id)) sum = (sum * 31 + byte) >>> 0;
  return prefixColors[sum % prefixColors.length] as (typeof prefixColors)[number];
}
