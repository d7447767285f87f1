/**
 * A Valibot schema as JSON Schema (draft 2020-12), for the parts that settings are made of. Anything else throws: a rule that
 * editors do not know of would be a lie of the schema file.
 */
import type * as v from "valibot";

export type JsonSchema = { readonly [keyword: string]: unknown };

type Message = v.ErrorMessage<v.BaseIssue<unknown>> | undefined;
type Schema =
  | v.CustomSchema<unknown, Message>
  | v.StringSchema<Message>
  | v.NumberSchema<Message>
  | v.BooleanSchema<Message>
  | v.LiteralSchema<string, Message>
  | v.VariantSchema<string, readonly v.StrictObjectSchema<v.ObjectEntries, Message>[], Message>
  | v.PicklistSchema<readonly string[], Message>
  | v.NullableSchema<v.GenericSchema, undefined>
  | v.ExactOptionalSchema<v.GenericSchema, undefined>
  | v.UnionSchema<readonly v.GenericSchema[], Message>
  | v.ArraySchema<v.GenericSchema, Message>
  | v.RecordSchema<v.BaseSchema<string, string, v.BaseIssue<unknown>>, v.GenericSchema, Message>
  | v.StrictObjectSchema<v.ObjectEntries, Message>;
type Action =
  | v.DescriptionAction<unknown, string>
  | v.IntegerAction<number, Message>
  | v.MinValueAction<number, number, Message>
  | v.MaxValueAction<number, number, Message>
  | v.RegexAction<string, Message>
  | v.MinLengthAction<readonly unknown[], number, Message>
  | v.MaxLengthAction<readonly unknown[] | string, number, Message>
  | v.MaxEntriesAction<Readonly<Record<string, unknown>>, number, Message>;

export function jsonSchemaOf(schema: v.GenericSchema): JsonSchema {
  const parts = "pipe" in schema ? (schema.pipe as readonly (Schema | Action)[]) : [schema as Schema];
  return parts.reduce<JsonSchema>((made, part) => {
    if (part.kind !== "schema") return { ...made, ...ofAction(part, made) };
    if ("pipe" in part) return jsonSchemaOf(part);
    // A check that stands before an object tells it from an array, which `type` does here.
    return part.type === "custom" ? made : ofSchema(part);
  }, {});
}

function ofSchema(schema: Schema): JsonSchema {
  switch (schema.type) {
    case "string":
    case "number":
    case "boolean":
      return { type: schema.type };
    case "literal":
      return { const: schema.literal };
    case "picklist":
      return { enum: schema.options };
    case "nullable":
      return { anyOf: [{ type: "null" }, jsonSchemaOf(schema.wrapped)] };
    case "exact_optional":
      return jsonSchemaOf(schema.wrapped);
    case "union":
    case "variant":
      return { anyOf: schema.options.map(jsonSchemaOf) };
    case "array":
      return { type: "array", items: jsonSchemaOf(schema.item) };
    case "record":
      return {
        type: "object",
        propertyNames: jsonSchemaOf(schema.key),
        additionalProperties: jsonSchemaOf(schema.value),
      };
    case "strict_object":
      return ofObject(schema.entries);
    case "custom":
      throw new Error("a check alone has no JSON schema");
  }
}

function ofObject(entries: v.ObjectEntries): JsonSchema {
  const all = Object.entries(entries);
  const required = all.filter(([, entry]) => entry.type !== "exact_optional").map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(all.map(([name, entry]) => [name, jsonSchemaOf(entry as v.GenericSchema)])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}

function ofAction(action: Action, made: JsonSchema): JsonSchema {
  switch (action.type) {
    case "description":
      return { description: action.description };
    case "integer":
      return { type: "integer" };
    case "min_value":
      return { minimum: action.requirement };
    case "max_value":
      return { maximum: action.requirement };
    case "regex":
      return { pattern: action.requirement.source };
    case "min_length":
      return { minItems: action.requirement };
    case "max_length":
      return { [made["type"] === "string" ? "maxLength" : "maxItems"]: action.requirement };
    case "max_entries":
      return { maxProperties: action.requirement };
  }
}
