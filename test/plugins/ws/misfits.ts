// Whether a value is what a JSON schema says, for the few words of JSON Schema that the description of the API uses.
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  format?: string;
  minimum?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
}

const known = new Set([
  ...["$ref", "type", "enum", "format", "minimum", "items", "properties", "required"],
  "additionalProperties",
]);

/** Where `value` is not as `schema` says, and why; empty: it fits. */
export function misfits(value: unknown, schema: Schema, named: Record<string, Schema>, at = "$"): string[] {
  const unknown = Object.keys(schema).filter((word) => !known.has(word));
  if (unknown.length > 0) return [`${at}: the schema says ${unknown}, which is not looked at here`];
  if (schema.$ref !== undefined) {
    const target = named[schema.$ref.replace("#/components/schemas/", "")];
    return target === undefined ? [`${at}: there is no ${schema.$ref}`] : misfits(value, target, named, at);
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value))) {
    return [`${at}: ${JSON.stringify(value)} is no ${types.join(" or ")}`];
  }
  if (schema.enum?.includes(value) === false)
    return [`${at}: ${JSON.stringify(value)} is none of ${schema.enum}`];
  if (schema.format === "date-time" && value !== null && Number.isNaN(Date.parse(String(value))))
    return [`${at}: no time`];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => misfits(item, schema.items ?? {}, named, `${at}[${index}]`));
  }
  if (typeof value !== "object" || value === null) return [];
  const missing = (schema.required ?? []).filter((name) => !(name in value));
  const { properties = {}, additionalProperties = true } = schema;
  return [
    ...missing.map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, part]) => {
      const of = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (of === false) return [`${at}.${name} is in no schema`];
      return misfits(part, of === true || of === undefined ? {} : of, named, `${at}.${name}`);
    }),
  ];
}

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}
