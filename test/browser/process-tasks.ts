// A real tasklog with its page, whose tasks are plain processes: no container has to be made for a line to be looked at.
import { Tasklog } from "../helpers/tasklog.ts";

/** Flags of a master that serves the page. */
export const serving = ["--plugins", "ws"];

export async function startUp(...flags: string[]): Promise<Tasklog> {
  const t = await Tasklog.create();
  await t.up(...serving, "--runtime", "process", ...flags);
  return t;
}

/** The id of a new task. */
export async function submit(t: Tasklog, name: string, script: string): Promise<string> {
  const process = ["--runtime", "process", "--", "sh", "-c", script];
  const ended = await t.run("run", "--detach", "--name", name, ...process);
  if (ended.code !== 0) throw new Error(`run --detach gave ${ended.code}: ${ended.stderr}`);
  return ended.stdout.trim();
}
