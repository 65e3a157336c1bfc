// A task's specification as JSON, checked field by field against what the wire format knows: its faults are told by
// name before the master looks at what they mean.
import { TasklogError } from "../../../core/base/errors.ts";
import { type DeepPartial, TaskSpec } from "../../../core/plugin-api.ts";
import { quoted } from "../live/log-request.ts";

type Kind = "text" | "texts" | "number" | "whole" | "flag" | "map";

const kinds = new Map<string, Kind>(
  Object.entries({ stopTimeoutMs: 0, ...TaskSpec.fromPartial({ stopTimeoutMs: 0 }) }).map(([name, value]) => [
    name,
    kindOf(name, value),
  ]),
);

/** Every field with its JSON schema, for the description of the API. */
export function specSchema(): Record<string, object> {
  const schemas: Record<Kind, object> = {
    text: { type: "string" },
    texts: { type: "array", items: { type: "string" } },
    number: { type: "number", minimum: 0 },
    whole: { type: "integer", minimum: 0 },
    flag: { type: "boolean" },
    map: { type: "object", additionalProperties: { type: "string" } },
  };
  return Object.fromEntries([...kinds].map(([name, kind]) => [name, schemas[kind]]));
}

/** @throws TasklogError "invalid" that names the field. */
export function toSpec(body: Readonly<Record<string, unknown>>): TaskSpec {
  for (const [name, value] of Object.entries(body)) {
    const kind = kinds.get(name);
    if (kind === undefined) {
      const known = [...kinds.keys()].join(", ");
      throw new TasklogError("invalid", `a task has no field ${quoted(name)}; it has ${known}`);
    }
    if (!isOf(kind, value)) {
      throw new TasklogError("invalid", `the task's ${name} is ${shown(value)}; it takes ${expected[kind]}`);
    }
  }
  return TaskSpec.fromPartial(body as DeepPartial<TaskSpec>);
}

const expected: Record<Kind, string> = {
  text: "a text",
  texts: "a list of texts",
  number: "a number from 0 on",
  whole: "a whole number from 0 on",
  flag: "true or false",
  map: "an object of texts",
};

function kindOf(name: string, value: unknown): Kind {
  if (Array.isArray(value)) return "texts";
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "flag";
  if (typeof value === "number") return takesHalves(name) ? "number" : "whole";
  return "map";
}

/** The wire format knows: it refuses to write half a whole number. */
function takesHalves(name: string): boolean {
  try {
    TaskSpec.encode(TaskSpec.fromPartial({ [name]: 0.5 } as DeepPartial<TaskSpec>));
    return true;
  } catch {
    return false;
  }
}

function isOf(kind: Kind, value: unknown): boolean {
  const isText = (one: unknown): boolean => typeof one === "string";
  if (kind === "text") return isText(value);
  if (kind === "flag") return typeof value === "boolean";
  if (kind === "number" || kind === "whole") {
    if (typeof value !== "number" || value < 0 || value > Number.MAX_SAFE_INTEGER) return false;
    return kind === "number" || Number.isInteger(value);
  }
  if (kind === "texts") return Array.isArray(value) && value.every(isText);
  return typeof value === "object" && value !== null && Object.values(value).every(isText);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
