// Checks that a task is small enough to be sent to a master: said here, in words, instead of by the master's gRPC in
// numbers.
import { formatBytes, formatBytesUp } from "../base/bytes.ts";
import { TasklogError } from "../base/errors.ts";
import { requestBytesMax } from "../base/limits.ts";
import { SubmitTaskRequest } from "./gen/tasklog/v1/master.ts";
import type { TaskSpec } from "./gen/tasklog/v1/task.ts";

/** Throws TasklogError "invalid" that names the largest part of what is too large. */
export function requireTaskFits(request: SubmitTaskRequest): void {
  const bytes = SubmitTaskRequest.encode(request).finish().length;
  if (bytes <= requestBytesMax) return;
  const part = request.spec === undefined ? "" : `, most of it ${largestPart(request.spec)}`;
  throw new TasklogError(
    "invalid",
    `the task is too large: ${formatBytesUp(bytes)} of at most ${formatBytes(requestBytesMax)}${part}; put large data into a file or a volume`,
  );
}

function largestPart({ env, command, labels, volumes, constraints }: TaskSpec): string {
  const parts = {
    "its environment": env,
    "its command": command,
    "its labels": Object.entries(labels).flat(),
    "its volumes": volumes,
    "its constraints": constraints,
  };
  const sizes = Object.entries(parts).map(([name, texts]) => ({ name, size: texts.join("").length }));
  return sizes.reduce((a, b) => (b.size > a.size ? b : a)).name;
}
