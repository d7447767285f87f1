/**
 * Judges a value by a JSON schema, as editors do, for the keywords that the settings' schema uses; any other throws, so that
 * no rule is passed over. After JSON Schema draft 2020-12, "A Vocabulary for Structural Validation".
 */
type Schema = Readonly<Record<string, unknown>>;
type Rule = (argument: unknown, value: unknown, schema: Schema) => boolean;

const NOTES = new Set(["$schema", "title", "description"]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  array: Array.isArray,
  object: isObject,
};

/** A keyword has a say only on values of its type. */
const onNumber =
  (holds: (value: number, bound: number) => boolean): Rule =>
  (bound, value) =>
    typeof value !== "number" || holds(value, bound as number);
const onString =
  (holds: (value: string, argument: unknown) => boolean): Rule =>
  (argument, value) =>
    typeof value !== "string" || holds(value, argument);
const onArray =
  (holds: (value: readonly unknown[], argument: unknown) => boolean): Rule =>
  (argument, value) =>
    !Array.isArray(value) || holds(value, argument);
const onObject =
  (holds: (value: Readonly<Record<string, unknown>>, argument: unknown, schema: Schema) => boolean): Rule =>
  (argument, value, schema) =>
    !isObject(value) || holds(value, argument, schema);

const RULES: Readonly<Record<string, Rule>> = {
  type: (type, value) => TYPES[type as string]!(value),
  enum: (options, value) => (options as readonly unknown[]).includes(value),
  anyOf: (options, value) => (options as readonly Schema[]).some((option) => isAccepted(option, value)),
  minimum: onNumber((value, bound) => value >= bound),
  maximum: onNumber((value, bound) => value <= bound),
  pattern: onString((value, pattern) => new RegExp(pattern as string, "u").test(value)),
  maxLength: onString((value, length) => Array.from(value).length <= (length as number)),
  minItems: onArray((value, count) => value.length >= (count as number)),
  maxItems: onArray((value, count) => value.length <= (count as number)),
  items: onArray((value, schema) => value.every((item) => isAccepted(schema as Schema, item))),
  maxProperties: onObject((value, count) => Object.keys(value).length <= (count as number)),
  propertyNames: onObject((value, schema) => Object.keys(value).every((key) => isAccepted(schema as Schema, key))),
  required: onObject((value, names) => (names as readonly string[]).every((name) => Object.hasOwn(value, name))),
  properties: onObject((value, schemas) =>
    Object.entries(schemas as Readonly<Record<string, Schema>>).every(
      ([name, schema]) => !Object.hasOwn(value, name) || isAccepted(schema, value[name]),
    ),
  ),
  additionalProperties: onObject((value, rest, { properties = {} }) => {
    const others = Object.keys(value).filter((key) => !Object.hasOwn(properties as object, key));
    return rest === false ? others.length === 0 : others.every((key) => isAccepted(rest as Schema, value[key]));
  }),
};

export function isAccepted(schema: Schema, value: unknown): boolean {
  return Object.entries(schema).every(([keyword, argument]) => {
    if (NOTES.has(keyword)) return true;
    const rule = RULES[keyword];
    if (rule === undefined) throw new Error(`the judge does not know the keyword ${keyword}`);
    return rule(argument, value, schema);
  });
}
