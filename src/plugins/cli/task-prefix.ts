// What stands before each line of a task: its name, or the short form of its id, in a colour that is the same at
// every start because it comes from the id.
import { styleText } from "node:util";
import type { StreamName } from "../../core/log/line-batch.ts";
import type { Task } from "../../core/rpc/gen/tasklog/v1/task.ts";

// Not red, which is stderr's, and nothing that is unreadable on white or on black.
const COLORS = [
  "cyan",
  "green",
  "magenta",
  "yellow",
  "blue",
  "cyanBright",
  "greenBright",
  "magentaBright",
] as const;

export class TaskPrefix {
  readonly #color: boolean;
  readonly #stdout: string;
  readonly #stderr: string;

  constructor({ id, spec }: Pick<Task, "id" | "spec">, color: boolean) {
    this.#color = color;
    const name = spec?.name || id.slice(0, "task-".length + 6);
    const prefix = color ? styleText(colorOf(id), `${name} |`, { validateStream: false }) : `${name} |`;
    this.#stdout = `${prefix} `;
    this.#stderr = color ? `${prefix}${styleText("red", "!", { validateStream: false })}` : `${prefix}!`;
  }

  /** With its newline. */
  line(text: string, stream: StreamName): string {
    const colorEnd = this.#color && text.includes("\u001b") ? "\u001b[0m" : "";
    return `${stream === "stderr" ? this.#stderr : this.#stdout}${text}${colorEnd}\n`;
  }

  /** What is said about the task, and not by it. */
  note(text: string): string {
    return this.line(
      this.#color ? styleText("dim", `[${text}]`, { validateStream: false }) : `[${text}]`,
      "stdout",
    );
  }
}

function colorOf(id: string): (typeof COLORS)[number] {
  let sum = 0;
  for (const byte of Buffer.from(id)) sum = (sum * 31 + byte) >>> 0;
  return COLORS[sum % COLORS.length] as (typeof COLORS)[number];
}
