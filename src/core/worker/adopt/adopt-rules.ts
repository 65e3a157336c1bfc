// The rules by which a worker adopts containers (`--adopt`): all, those with a label, or those whose name matches a
// pattern. One rule is enough. Patterns are RE2's, as everywhere: they take linear time.
import { TasklogError } from "../../base/errors.ts";
import { hasLabel, parseKeyValue } from "../../base/labels.ts";
import { compilePattern } from "../../search/compile-pattern.ts";
import { tasklogLabels } from "./container-title.ts";

/** The facts of a container that a rule can ask for. */
export interface Named {
  /** Its name on its engine. */
  container: string;
  /** The name of its runs; see container-title.ts. */
  title: string;
  labels: Readonly<Record<string, string>>;
}

type Rule = (container: Named) => boolean;

/** The rules that decide if a container is adopted. */
export type AdoptRules = Rule;

const ruleForms = `it takes all, label=KEY, label=KEY=VALUE or name~PATTERN, such as 'name~^web'`;

/** @throws TasklogError "usage" for a rule that cannot be meant */
export function parseAdoptRules(texts: readonly string[]): AdoptRules | undefined {
  if (texts.length === 0) return undefined;
  const rules = texts.map(parseRule);
  return (container) => !hasTasklogLabel(container) && rules.some((rule) => rule(container));
}

function parseRule(text: string): Rule {
  if (text === "all") return () => true;
  const [, kind = "", value = ""] = /^(name~|label=)(.*)$/s.exec(text) ?? [];
  if (kind === "") throw new TasklogError("usage", `--adopt cannot be ${JSON.stringify(text)}: ${ruleForms}`);
  if (value.trim() === "") throw new TasklogError("usage", `--adopt ${text} names nothing: ${ruleForms}`);
  return kind === "name~" ? byName(value) : byLabel(value);
}

function byName(source: string): Rule {
  const pattern = compile(source);
  return ({ container, title }) => pattern.test(container) || pattern.test(title);
}

function byLabel(text: string): Rule {
  if (parseKeyValue(text).key === "") {
    throw new TasklogError("usage", `--adopt label=${text} names no label: ${ruleForms}`);
  }
  return ({ labels }) => hasLabel(labels, text);
}

/** The bounds of a pattern that a stranger sends hold for an operator's, too: it is matched with names of strangers. */
function compile(source: string): ReturnType<typeof compilePattern> {
  try {
    return compilePattern(source, 0, `--adopt name~${source}`);
  } catch (error) {
    throw new TasklogError("usage", TasklogError.from(error).message, { cause: error });
  }
}

/** A worker's own tasks, of any worker: they are read already, and reading one's own output would never end. */
function hasTasklogLabel({ labels }: Named): boolean {
  return Object.keys(labels).some((key) => key.startsWith(tasklogLabels));
}
