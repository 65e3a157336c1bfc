// Which workers a task may run on: `key=value` and `key!=value` against a worker's labels, `name=…` against its name.
import { TasklogError } from "../../base/errors.ts";
import type { WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";

export interface Constraint {
  readonly key: string;
  readonly value: string;
  /** True for `!=`. A worker without the label meets it. */
  readonly not: boolean;
}

/** @throws TasklogError "invalid" */
export function parseConstraint(text: string): Constraint {
  const match = /^([A-Za-z0-9][\w./-]*)(!?=)([^=].*)$/.exec(text);
  if (match === null) {
    throw new TasklogError(
      "invalid",
      `the constraint ${JSON.stringify(text)} cannot be read; write key=value, key!=value or name=WORKER`,
    );
  }
  return { key: match[1] as string, not: match[2] === "!=", value: match[3] as string };
}

export function meets(worker: Pick<WorkerInfo, "name" | "labels">, constraint: Constraint): boolean {
  const value = constraint.key === "name" ? worker.name : worker.labels[constraint.key];
  return (value === constraint.value) !== constraint.not;
}
