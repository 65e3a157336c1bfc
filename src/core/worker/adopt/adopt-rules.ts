// The rules by which a worker adopts containers (`--adopt`): all, those with a label, or those whose name matches a
// pattern. One rule is enough. Patterns are RE2's, as everywhere: they take linear time.
import { TasklogError } from "../../base/errors.ts";
import { hasLabel, parseKeyValue } from "../../base/labels.ts";
import { taskLabel } from "../../engine/containers/container-options.ts";
import { compilePattern } from "../../search/compile-pattern.ts";

/** The facts of a container that a rule can ask for. */
export interface Named {
  /** Its name on its engine. */
  container: string;
  /** The name of its runs; see container-title.ts. */
  title: string;
  labels: Readonly<Record<string, string>>;
}

/** People put it on a container that is to be left out. */
const ignoreLabel = "dev.tasklog.ignore";

type Rule = (container: Named) => boolean;

/** The rules that decide if a container is adopted. */
export type AdoptRules = Rule;

const ruleForms = `it takes all, label=KEY, label=KEY=VALUE or name~PATTERN, such as 'name~^web'`;

/** @throws TasklogError "usage" for a rule that cannot be meant */
export function parseAdoptRules(texts: readonly string[]): AdoptRules | undefined {
  if (texts.length === 0) return undefined;
  const rules = texts.map(parseRule);
  return (container) => !isLeftOut(container) && rules.some((rule) => rule(container));
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

/**
 * The tasks of any worker are read already. They are known by their names: an image that was made of a task's
 * container hands its labels on to everything that is run from it.
 */
function isLeftOut({ container, labels }: Named): boolean {
  return Object.hasOwn(labels, ignoreLabel) || labels[taskLabel] === container;
}
