// The options of a plugin: described by a table, validated from what the command line or a file gave, typed from the
// same table. Text is turned into what the table asks for, because a flag can give nothing else.
import { TasklogError } from "../../base/errors.ts";

interface OptionBase {
  /** The description, one line, for `tasklog plugins`. */
  readonly description: string;
}

type OptionDefinition =
  | (OptionBase & {
      readonly type: "string";
      readonly default?: string;
      readonly choices?: readonly string[];
    })
  | (OptionBase & {
      readonly type: "number";
      readonly default?: number;
      readonly min?: number;
      readonly max?: number;
    })
  | (OptionBase & { readonly type: "boolean"; readonly default?: boolean })
  /** A list; as text its parts are separated by commas. */
  | (OptionBase & { readonly type: "list"; readonly default?: readonly string[] });

export type OptionSchema = Readonly<Record<string, OptionDefinition>>;

type ValueOf<D extends OptionDefinition> = D extends { type: "string" }
  ? string
  : D extends { type: "number" }
    ? number
    : D extends { type: "boolean" }
      ? boolean
      : readonly string[];

/** An option without a default may be absent. */
export type OptionsOf<Schema extends OptionSchema> = {
  readonly [Key in keyof Schema]: Schema[Key] extends { default: unknown }
    ? ValueOf<Schema[Key]>
    : ValueOf<Schema[Key]> | undefined;
};

const optionTypes = ["string", "number", "boolean", "list"];

/** A schema from outside: every option must be of a type that there is. @throws TasklogError "invalid". */
export function checkSchema(schema: unknown): asserts schema is OptionSchema {
  if (typeof schema !== "object" || schema === null) {
    throw new TasklogError("invalid", "its options are no table of { name: { type, description, default } }");
  }
  for (const [key, definition] of Object.entries(schema)) {
    const type = (definition as Partial<OptionDefinition> | null)?.type;
    if (type !== undefined && optionTypes.includes(type)) continue;
    throw new TasklogError(
      "invalid",
      `its option ${key} has the type ${JSON.stringify(type)}; there are ${optionTypes.join(", ")}`,
    );
  }
}

/** @throws TasklogError "invalid" that names the plugin and the option. */
export function validateOptions<Schema extends OptionSchema>(
  plugin: string,
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
): OptionsOf<Schema> {
  for (const key of Object.keys(given)) {
    if (Object.hasOwn(schema, key)) continue;
    const known = Object.keys(schema);
    const hint = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
    throw new TasklogError("invalid", `the plugin ${plugin} has no option ${JSON.stringify(key)}; ${hint}`);
  }
  const options = Object.entries(schema).map(([key, definition]) => {
    if (given[key] === undefined) return [key, definition.default];
    const bad = (expected: string): TasklogError =>
      new TasklogError(
        "invalid",
        `the option ${key} of the plugin ${plugin} is ${JSON.stringify(given[key])}; it takes ${expected}`,
      );
    return [key, toValue(definition, given[key], bad)];
  });
  return Object.fromEntries(options);
}

function toValue(
  definition: OptionDefinition,
  given: unknown,
  bad: (expected: string) => TasklogError,
): string | number | boolean | readonly string[] {
  switch (definition.type) {
    case "string":
      if (typeof given !== "string") throw bad("text");
      if (definition.choices?.includes(given) === false) throw bad(`one of ${definition.choices.join(", ")}`);
      return given;
    case "number": {
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = definition;
      const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
      if (typeof value !== "number" || !Number.isFinite(value)) throw bad("a number");
      if (value < min || value > max) throw bad(`a number from ${min} to ${max}`);
      return value;
    }
    case "boolean":
      if (given === true || given === "true") return true;
      if (given === false || given === "false") return false;
      throw bad("true or false");
    case "list":
      if (typeof given === "string") return given.split(",").filter((part) => part !== "");
      if (Array.isArray(given) && given.every((part) => typeof part === "string")) return given;
      throw bad("a list of texts");
  }
}
