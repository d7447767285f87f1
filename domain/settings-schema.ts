/** The JSON schema of settings documents, by which editors complete and check `faultline.config.json`. */
import { type JsonSchema, jsonSchemaOf } from "./json-schema.ts";
import { settingsDocumentSchema } from "./settings-document.ts";

export function settingsJsonSchema(): JsonSchema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Settings of Faultline",
    ...jsonSchemaOf(settingsDocumentSchema),
  };
}
