// A task as lists and events carry it: who lists a thousand tasks, or hears of each, must not get a thousand whole
// specifications. Values of variables and volumes do not come at all, what may be long is cut. The whole task is there for
// who asks for it by its id.
import { parseKeyValue } from "../../base/labels.ts";
import { webhooksMax } from "../../base/limits.ts";
import type { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import type { StoredTask } from "../store/master-store.ts";

/** The limits of what lists and events carry of a task, in characters: with them a page of `tasksPageMax` stays far below `messageBytesMax`. */
const summaryCommandMax = 1024;
const summaryDetailMax = 1024;
const summaryNamesMax = 1024;
const summaryLabelsMax = 2048;

/** The summary of each specification, made once: a task's other fields change, this one does not. */
const specs = new WeakMap<TaskSpec, TaskSpec>();

export function taskSummary(task: StoredTask): StoredTask {
  const { completion } = task;
  return {
    ...task,
    spec: specSummary(task.spec),
    detail: cut(task.detail, summaryDetailMax),
    completion: completion && { ...completion, message: cut(completion.message, summaryDetailMax) },
  };
}

function specSummary(spec: TaskSpec): TaskSpec {
  const known = specs.get(spec);
  if (known !== undefined) return known;
  const summary = {
    ...spec,
    image: cut(spec.image, summaryCommandMax),
    command: first(spec.command, summaryCommandMax),
    entrypoint: first(spec.entrypoint, summaryCommandMax),
    env: first(
      spec.env.map((variable) => parseKeyValue(variable).key),
      summaryNamesMax,
    ),
    volumes: [],
    workdir: cut(spec.workdir, summaryCommandMax),
    constraints: first(spec.constraints, summaryNamesMax),
    labels: firstLabels(spec.labels),
    webhooks: spec.webhooks.slice(0, webhooksMax),
  };
  specs.set(spec, summary);
  return summary;
}

/** The first entries, with so many characters in all; the one that crosses it is cut. */
function first(texts: readonly string[], charactersMax: number): string[] {
  const kept: string[] = [];
  let left = charactersMax;
  for (const text of texts) {
    if (left <= 0) break;
    kept.push(cut(text, left));
    left -= text.length + 1;
  }
  return kept;
}

function firstLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  let left = summaryLabelsMax;
  for (const [key, value] of Object.entries(labels)) {
    left -= key.length + value.length;
    if (left >= 0) kept[key] = value;
  }
  return kept;
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}…`;
}
