// A task's specification as the label of its container, so that a worker whose data folder was wiped can take the
// container over. What may be secret and is of no use once the container exists stays out: variables, webhooks.
import { TaskSpec } from "../../../rpc/gen/tasklog/v1/task.ts";

/** Returns the label's text. */
export function toSpecLabel(spec: TaskSpec): string {
  return JSON.stringify({ ...spec, env: [], webhooks: [] });
}

/** Returns the specification that `toSpecLabel` wrote; undefined for a label that is none. */
export function fromSpecLabel(label: string | undefined): TaskSpec | undefined {
  try {
    return label === undefined ? undefined : TaskSpec.fromPartial(JSON.parse(label));
  } catch {
    return undefined;
  }
}
