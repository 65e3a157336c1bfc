// The hint below the ready line of `up`.
import { settingKeys } from "../config/settings.ts";
import type { Style } from "../output/style.ts";

export function whatToTry(style: Style, master: string, runtimes: readonly string[]): string {
  const where = master === settingKeys.master.default() ? "" : ` --master ${master}`;
  const what = runtimes[0] === "process" ? "--runtime process" : "alpine";
  const lines = [
    "  try in another terminal:",
    `    tasklog run${where} ${what} -- echo hello`,
    `    tasklog list-tasks${where}`,
    "  Ctrl-C ends it; containers run on",
  ];
  return lines.map((line) => `${style.dim(line)}\n`).join("");
}
