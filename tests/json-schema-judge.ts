/**
 * Judges a value by a JSON schema, as editors do, for the keywords that the schemas of the settings and of compose.yaml use;
 * any other throws, so that no rule is passed over. After JSON Schema draft 2020-12, "A Vocabulary for Structural Validation".
 */
import { isDeepStrictEqual } from "node:util";

type Schema = Readonly<Record<string, unknown>> | boolean;
type Judge = (schema: Schema, value: unknown) => boolean;
type Rule = (argument: unknown, value: unknown, schema: Readonly<Record<string, unknown>>, judge: Judge) => boolean;

const NOTES = new Set(["$schema", "$id", "$defs", "title", "description", "default", "deprecated"]);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
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
  (holds: (value: readonly unknown[], argument: unknown, judge: Judge) => boolean): Rule =>
  (argument, value, _schema, judge) =>
    !Array.isArray(value) || holds(value, argument, judge);
const onObject =
  (holds: (value: Readonly<Record<string, unknown>>, argument: unknown, ...rest: RuleRest) => boolean): Rule =>
  (argument, value, schema, judge) =>
    !isObject(value) || holds(value, argument, judge, schema);
type RuleRest = readonly [judge: Judge, schema: Readonly<Record<string, unknown>>];

/** The schemas under the patterns that a name matches. */
const matching = (patterns: unknown, name: string): readonly Schema[] =>
  Object.entries((patterns ?? {}) as Readonly<Record<string, Schema>>)
    .filter(([pattern]) => new RegExp(pattern, "u").test(name))
    .map(([, schema]) => schema);

const RULES: Readonly<Record<string, Rule>> = {
  type: (type, value) => [type].flat().some((name) => TYPES[name as string]!(value)),
  const: (constant, value) => isDeepStrictEqual(constant, value),
  enum: (options, value) => (options as readonly unknown[]).includes(value),
  anyOf: (options, value, _schema, judge) => (options as readonly Schema[]).some((option) => judge(option, value)),
  oneOf: (options, value, _schema, judge) =>
    (options as readonly Schema[]).filter((option) => judge(option, value)).length === 1,
  minimum: onNumber((value, bound) => value >= bound),
  maximum: onNumber((value, bound) => value <= bound),
  pattern: onString((value, pattern) => new RegExp(pattern as string, "u").test(value)),
  maxLength: onString((value, length) => Array.from(value).length <= (length as number)),
  minItems: onArray((value, count) => value.length >= (count as number)),
  maxItems: onArray((value, count) => value.length <= (count as number)),
  uniqueItems: onArray(
    (value, unique) =>
      unique === false || value.every((item, at) => value.findIndex((other) => isDeepStrictEqual(item, other)) === at),
  ),
  items: onArray((value, schema, judge) => value.every((item) => judge(schema as Schema, item))),
  maxProperties: onObject((value, count) => Object.keys(value).length <= (count as number)),
  propertyNames: onObject((value, schema, judge) => Object.keys(value).every((key) => judge(schema as Schema, key))),
  required: onObject((value, names) => (names as readonly string[]).every((name) => Object.hasOwn(value, name))),
  properties: onObject((value, schemas, judge) =>
    Object.entries(schemas as Readonly<Record<string, Schema>>).every(
      ([name, schema]) => !Object.hasOwn(value, name) || judge(schema, value[name]),
    ),
  ),
  patternProperties: onObject((value, patterns, judge) =>
    Object.entries(value).every(([name, item]) => matching(patterns, name).every((schema) => judge(schema, item))),
  ),
  additionalProperties: onObject((value, rest, judge, { properties = {}, patternProperties }) =>
    Object.entries(value)
      .filter(([name]) => !Object.hasOwn(properties as object, name) && matching(patternProperties, name).length === 0)
      .every(([, item]) => judge(rest as Schema, item)),
  ),
};

/** What "#/$defs/port" stands for. */
function referred(root: Schema, reference: string): Schema {
  const [hash, ...names] = reference.split("/");
  if (hash !== "#") throw new Error(`the judge follows references within a schema alone, not ${reference}`);
  let found: unknown = root;
  for (const name of names) found = (found as Readonly<Record<string, unknown>>)[name];
  if (found === undefined) throw new Error(`${reference} leads nowhere`);
  return found as Schema;
}

/** `root`: the whole schema, where `schema` is a part of one that refers to others. */
export function isAccepted(schema: Schema, value: unknown, root: Schema = schema): boolean {
  if (typeof schema === "boolean") return schema;
  const judge: Judge = (part, item) => isAccepted(part, item, root);
  return Object.entries(schema).every(([keyword, argument]) => {
    if (NOTES.has(keyword)) return true;
    if (keyword === "$ref") return judge(referred(root, argument as string), value);
    const rule = RULES[keyword];
    if (rule === undefined) throw new Error(`the judge does not know the keyword ${keyword}`);
    return rule(argument, value, schema, judge);
  });
}
