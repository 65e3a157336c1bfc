// A task's specification as the label of its container, so that a worker whose data folder was wiped can take the
// container over. What may be secret and is of no use once the container exists stays out: variables, webhooks. So does what
// is there already (labels), and all of a command but its beginning: it is shown, and runs already.
import { TaskSpec } from "../../../rpc/gen/tasklog/v1/task.ts";

/** The prefix of every label that tasklog itself gives a container. */
const ownPrefix = "dev.tasklog.";
/**
 * The longest command in the label, in characters: every list of containers that somebody asks the engine for has the
 * label.
 */
const commandMax = 4096;

/** Returns the label's text. */
export function toSpecLabel(spec: TaskSpec): string {
  return JSON.stringify({ ...spec, env: [], webhooks: [], labels: {}, command: beginningOf(spec.command) });
}

function beginningOf(command: readonly string[]): string[] {
  let left = commandMax;
  const words: string[] = [];
  for (const word of command) {
    if (left <= 0) break;
    words.push(word.length <= left ? word : `${word.slice(0, left)}…`);
    left -= word.length;
  }
  return words;
}

/** Returns the specification that `toSpecLabel` wrote, of a container with these labels; undefined for a label that is none. */
export function fromSpecLabel(
  label: string | undefined,
  labels: Readonly<Record<string, string>> = {},
): TaskSpec | undefined {
  const others = Object.entries(labels).filter(([key]) => !key.startsWith(ownPrefix));
  try {
    if (label === undefined) return undefined;
    return TaskSpec.fromPartial({ ...JSON.parse(label), labels: Object.fromEntries(others) });
  } catch {
    return undefined;
  }
}
